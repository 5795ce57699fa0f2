# SPDX-License-Identifier: GPL-2.0-only
#
# What a user types. The work is done by the xtask; this file names its tasks.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first build takes a while and shows it; later ones have nothing to say.
xtask := target/debug/xtask
quiet := $(if $(wildcard $(xtask)),--quiet)
run = cargo build $(quiet) --locked -p xtask && $(xtask) $(if $(SERIES),--series '$(SERIES)')

.PHONY: help
help: ## List these targets
	@echo "fsm-imx412: a Linux driver for Sony's IMX412, and a virtual board to try it on"
	@echo
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
	@echo
	@echo "The first demo or test prepares an environment in \$${XDG_CACHE_HOME:-~/.cache}/fsm-imx412."
	@echo "SERIES=7.2 takes another kernel of Debian's backports than the newest."

.PHONY: demo
demo: ## Boot the virtual board and take pictures into build/demo (SCENE=photo.png)
	@$(run) demo $(if $(SCENE),--scene '$(SCENE)')

.PHONY: test
test: ## Run every test and count them
	@$(run) test

.PHONY: test-quick
test-quick: ## For every day: the tests on this machine, the checks, and one guest with two cameras
	@$(run) test host check e2e --guest e2e-one-bus

.PHONY: test-host
test-host: ## Run the tests that need no guest: the sensor as pure Rust, xtask, style
	@$(run) test host check overlays

.PHONY: test-kunit
test-kunit: ## Run the KUnit suites in a guest with a kernel of our own configuration
	@$(run) test kunit

.PHONY: test-e2e
test-e2e: ## Run the end-to-end tests in a guest with Debian's kernel
	@$(run) test e2e

.PHONY: test-install
test-install: ## Run the tests of what is installed on boards: dkms, modules that Debian's kernel lacks
	@$(run) test install

.PHONY: test-live
test-live: ## Look at fsm-camera's web page in a headless browser
	@$(run) test live

.PHONY: test-receivers
test-receivers: ## Run receivers' own drivers that Debian's kernel lacks, or that nothing plays the hardware of
	@$(run) test receivers

.PHONY: test-series
test-series: ## Run the modules on the other series of Debian's kernels that they are for
	@$(run) test series

.PHONY: test-pictures
test-pictures: ## Run libcamera, GStreamer, OpenCV and Python on the virtual board, as Debian ships them
	@$(run) test pictures

.PHONY: test-libcamera
test-libcamera: ## Build libcamera with the patches of integration/libcamera, and show what they change
	@$(run) test-libcamera

.PHONY: stress
stress: ## Try to break the modules, on a kernel with sanitizers (CALLS=1000000 GUESTS="stress-random")
	@$(run) stress $(if $(CALLS),--calls '$(CALLS)') $(GUESTS)

.PHONY: bench
bench: ## Measure the driver beside mainline's, on the same virtual board
	@$(run) bench

.PHONY: docs-bench
docs-bench: ## Take the figures of the last bench over into docs/performance.md
	@$(run) bench --docs

.PHONY: docs-times
docs-times: ## Take the times of the last demo and tests over into docs/development.md
	@$(run) times

.PHONY: check
check: ## Look at formatting, lints and warnings alone
	@$(run) test check

.PHONY: modules
modules: ## Build the modules for the virtual board's kernel, or for KDIR=/path/to/a/kernel/build
ifdef KDIR
	@+scripts/modules.sh '$(KDIR)'
else
	@$(run) modules
endif

.PHONY: board-modules
board-modules: ## Build what Debian's kernel lacks for BOARD=jetson-nano (or, on the board, with KDIR=...)
	@$(if $(BOARD),,$(error say which board: make board-modules BOARD=jetson-nano))
ifdef KDIR
	@scripts/board-modules.sh '$(BOARD)' 'build/board-modules/$(BOARD)' '$(KDIR)'
else
	@$(run) board-modules '$(BOARD)'
endif

.PHONY: install
install: ## Install the driver on this Debian machine through dkms, as root
	@scripts/install.sh

.PHONY: uninstall
uninstall: ## Remove it from every kernel
	@scripts/install.sh remove

.PHONY: deb
deb: ## Build the Debian packages for boards into build/deb: the driver for dkms, compiled overlays, fsm-camera
	@$(run) deb

.PHONY: dtbs
dtbs: ## Compile the overlays for boards into build/dtbs (KDIR=... with this machine's gcc and dtc)
ifdef KDIR
	@rm -rf build/dtbs
	@scripts/overlay-sources.sh build/dtbs
	@for overlay in dts/*.dtso build/dtbs/*.dtso; do \
		name=$$(basename $$overlay .dtso); \
		scripts/compile-overlay.sh '$(KDIR)/include' $$overlay build/dtbs/$$name.dtbo || exit; \
		echo build/dtbs/$$name.dtbo; \
	done
else
	@$(run) dtbs
endif

.PHONY: overlays
overlays: ## List the overlays for boards: port, lanes, file, what can be expected of it
	@$(run) overlays

.PHONY: overlays-check
overlays-check: ## Judge the overlays in the kernel's device trees, alone and together
	@$(run) test overlays

.PHONY: merged-dtb
merged-dtb: ## Merge cameras into a board's tree: BOARD=jetson-nano CAM=cam0,cam1 (ADAPTER=p22 LANES=2 BASE=file.dtb)
	@$(if $(and $(BOARD),$(CAM)),,$(error say which: make merged-dtb BOARD=jetson-nano CAM=cam0; see make overlays))
	@$(run) merged-dtb --board '$(BOARD)' --cam '$(CAM)' $(if $(ADAPTER),--adapter '$(ADAPTER)') $(if $(LANES),--lanes '$(LANES)') $(if $(BASE),--base '$(BASE)')

.PHONY: docs-boards
docs-boards: ## Bring the tables of boards in docs/ up to date
	@$(run) overlays --docs

.PHONY: shell
shell: ## Open a shell in the virtual board's guest (APPLICATIONS=1: with libcamera, GStreamer, OpenCV)
	@$(run) shell $(if $(SCENE),--scene '$(SCENE)') $(if $(APPLICATIONS),--applications)

.PHONY: guest
guest: ## Run SCRIPT=file.sh in that guest, on the board of OVERLAYS=files; what it puts into /out comes to build/guest (APPLICATIONS=1: with libcamera, GStreamer, OpenCV; SANITIZERS=1: on the kernel of make stress; CAMERA=1: with fsm-camera)
	@$(if $(SCRIPT),,$(error say which script: make guest SCRIPT=file.sh))
	@$(run) guest $(if $(SCENE),--scene '$(SCENE)') $(foreach file,$(OVERLAYS),--overlay '$(file)') $(if $(APPLICATIONS),--applications) $(if $(SANITIZERS),--sanitizers) $(if $(CAMERA),--camera) '$(SCRIPT)'

.PHONY: setup
setup: ## Prepare the environment and do nothing else
	@$(run) setup

.PHONY: clean
clean: ## Remove what was built in this checkout; the environment stays
	rm -rf build target

.PHONY: distclean
distclean: ## Remove the environment too
	@$(run) distclean
	rm -rf build target
