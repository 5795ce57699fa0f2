// SPDX-License-Identifier: GPL-2.0-only

//! Compiles overlays and base trees, and merges them, all in the Debian tree and with as few visits
//! to it as can be.

use super::boards::{boards, Overlay, FOLDER};
use crate::env::command;
use crate::env::progress::Progress;
use crate::run::setup::Environment;
use anyhow::{ensure, Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// `$1` checkout, `$2` folder with `dt-bindings/`, `$3` results: sources for the boards, and compiled
/// overlays. Each gets a log; one that fails leaves no result.
const COMPILE: &str = r#"
repo=$1 include=$2 results=$3
"$repo/scripts/overlay-sources.sh" "$results" || exit
for source in "$repo"/dts/*.dtso "$results"/*.dtso; do
	name=$(basename "$source" .dtso)
	echo "$name"
	"$repo/scripts/compile-overlay.sh" "$include" "$source" "$results/$name.dtbo" \
		>"$results/$name.log" 2>&1 || rm -f "$results/$name.dtbo"
done
"#;
/// Overlays that it compiles, roughly.
const EXPECTED: u64 = 110;

/// `$1` kernel source, `$2` results, then trees. As the kernel compiles them, labels kept.
const TREES: &str = r#"
set -e
prefixes=$1/scripts/dtc/include-prefixes trees=$1/arch/arm64/boot/dts results=$2
shift 2
for tree; do
	echo "$tree"
	mkdir -p "$(dirname "$results/$tree")"
	gcc -E -nostdinc -undef -D__DTS__ -x assembler-with-cpp -I "$prefixes" \
		"$trees/$tree.dts" -o "$results/$tree.i"
	dtc -q -@ -I dts -O dtb -i "$prefixes" -o "$results/$tree.dtb" "$results/$tree.i"
done
"#;

/// `$1` folder of compiled overlays, `$2` list of what to merge: base tree, result, overlays, tabs
/// between the three. A merge that fails leaves its reason in the result's place, with `.log`.
const MERGE: &str = r#"
cd "$1"
while IFS="	" read -r base result overlays; do
	echo "$overlays"
	if fdtoverlay -i "$base" -o "$result" $overlays >"$result.log" 2>&1; then
		rm "$result.log"
	else
		rm -f "$result"
	fi
done <"$2"
"#;

/// An overlay that was compiled, or why it was not.
#[derive(Debug)]
pub struct Compiled {
    /// Its name: `jetson-nano-cam0-2lane`.
    pub name: String,
    /// Output of the compiler.
    pub log: String,
    /// The compiled overlay, if there is one.
    pub result: Option<PathBuf>,
}

impl Compiled {
    /// Checks that it compiled without output.
    ///
    /// # Errors
    ///
    /// Output of the compiler.
    pub fn quiet(&self) -> Result<()> {
        ensure!(self.result.is_some(), "it does not compile:\n{}", self.log);
        ensure!(self.log.is_empty(), "{}", self.log);
        Ok(())
    }
}

/// Compiles all overlays, those for boards and those in `dts/`, into `build/dtbs`.
///
/// # Errors
///
/// The checkout cannot be read or the Debian tree not be entered. A source that does not compile is
/// no error here.
pub fn compile(environment: &Environment) -> Result<Vec<Compiled>> {
    let Environment { paths, tree, found } = environment;
    let folder = paths.empty_build_dir(FOLDER)?;
    let progress = Progress::start("overlays", EXPECTED);
    let mut shell = tree.command(&paths.repo, "sh")?;
    shell
        .args(["-c", COMPILE, "compile"])
        .arg(&paths.repo)
        .arg(found.source.join("include"))
        .arg(&folder);
    let log = paths.build("logs/overlays.log")?;
    command::logged("compiling overlays", shell, &log, &progress)?;
    progress.finish();
    names(&folder)?
        .into_iter()
        .map(|name| {
            let result = folder.join(format!("{name}.dtbo"));
            Ok(Compiled {
                log: read(&folder.join(format!("{name}.log")))?,
                name,
                result: result.exists().then_some(result),
            })
        })
        .collect()
}

/// Returns the overlays that the compiler was given: each has left a log.
fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = BTreeSet::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".log").map(str::to_owned));
    }
    Ok(names)
}

fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Origin of a base tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// As Debian's package has it.
    Debian,
    /// Compiled from the kernel's source.
    Source,
}

impl Origin {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Debian, Self::Source];

    /// Returns the word for it in messages and paths.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Source => "source",
        }
    }
}

/// The trees that overlays are made for.
#[derive(Debug)]
pub struct Trees {
    debian: PathBuf,
    source: PathBuf,
}

impl Trees {
    /// Compiles those of the kernel's source.
    ///
    /// # Errors
    ///
    /// A tree does not compile.
    pub fn prepare(environment: &Environment) -> Result<Self> {
        let Environment { paths, tree, found } = environment;
        let source = paths.empty_build_dir("overlays-check/source")?;
        let names: BTreeSet<&str> = boards()?
            .iter()
            .filter(|board| !board.has_camera())
            .flat_map(|board| &board.trees)
            .copied()
            .collect();
        let progress = Progress::start("base trees", names.len() as u64);
        let mut shell = tree.command(&found.source, "sh")?;
        shell
            .args(["-c", TREES, "trees"])
            .arg(&found.source)
            .arg(&source)
            .args(names);
        let log = paths.build("logs/base-trees.log")?;
        command::logged(
            "compiling the kernel's device trees",
            shell,
            &log,
            &progress,
        )?;
        progress.finish();
        Ok(Self {
            debian: found.binaries.join("dtb"),
            source,
        })
    }

    /// Checks that Debian has no tree with this prefix.
    ///
    /// # Errors
    ///
    /// It has one.
    pub fn lacks(&self, name: &str) -> Result<()> {
        let path = self.debian.join(name);
        let (folder, begin) = (path.parent(), path.file_name());
        let (folder, begin) = folder.zip(begin).context("a name without a folder")?;
        for entry in fs::read_dir(folder)? {
            let found = entry?.file_name();
            ensure!(
                !found
                    .as_encoded_bytes()
                    .starts_with(begin.as_encoded_bytes()),
                "there is {}: name it in dts/boards.list",
                found.to_string_lossy()
            );
        }
        Ok(())
    }

    /// One of them.
    pub fn path(&self, origin: Origin, tree: &str) -> PathBuf {
        let folder = match origin {
            Origin::Debian => &self.debian,
            Origin::Source => &self.source,
        };
        folder.join(format!("{tree}.dtb"))
    }
}

/// A tree to make.
#[derive(Debug)]
pub struct Merge {
    pub base: PathBuf,
    pub overlays: Vec<Overlay>,
    pub result: PathBuf,
}

impl Merge {
    /// Returns the result.
    ///
    /// # Errors
    ///
    /// The overlays did not fit the base; what fdtoverlay said of it.
    pub fn done(&self) -> Result<&Path> {
        if self.result.exists() {
            return Ok(&self.result);
        }
        let mut log = self.result.clone().into_os_string();
        log.push(".log");
        anyhow::bail!(
            "they do not fit {}: {}",
            self.base.display(),
            read(Path::new(&log))?.trim()
        );
    }
}

/// Merges compiled overlays into trees. Whether each succeeded, [`Merge::done`] tells.
///
/// # Errors
///
/// The Debian tree cannot be entered.
pub fn merge<'a>(
    environment: &Environment,
    merges: impl IntoIterator<Item = &'a Merge>,
) -> Result<()> {
    let Environment { paths, tree, .. } = environment;
    let mut plan = String::new();
    let mut count = 0;
    for merge in merges {
        count += 1;
        if let Some(parent) = merge.result.parent() {
            fs::create_dir_all(parent)?;
        }
        let overlays: Vec<String> = merge
            .overlays
            .iter()
            .map(|overlay| format!("{overlay}.dtbo"))
            .collect();
        plan += &format!(
            "{}\t{}\t{}\n",
            merge.base.display(),
            merge.result.display(),
            overlays.join(" ")
        );
    }
    let list = paths.build("logs/merges.list")?;
    fs::write(&list, plan)?;
    let progress = Progress::start("merged trees", count);
    let mut shell = tree.command(&paths.repo, "sh")?;
    shell
        .args(["-c", MERGE, "merge"])
        .arg(paths.build(FOLDER)?)
        .arg(&list);
    let log = paths.build("logs/merges.log")?;
    command::logged("merging overlays", shell, &log, &progress)?;
    progress.finish();
    Ok(())
}
