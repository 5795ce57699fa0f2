# SPDX-License-Identifier: GPL-2.0-only
#
# How much of the kernel's stack a bind through sysfs takes, and whose frames that is: what the kernel's stack
# tracer sees. To be run by `make guest SCRIPT=tests/guest/stack.sh`.

tracing=/sys/kernel/debug/tracing
driver=/sys/bus/i2c/drivers/fsm_imx412
client=$(basename "$(find "$driver"/ -maxdepth 1 -name '*-001a' | head -n 1)")

# The tracer keeps the deepest stack of all tasks; the frames say whose it is.
echo "$client" >"$driver/unbind" || exit 1
echo 1 >/proc/sys/kernel/stack_tracer_enabled
echo 0 >"$tracing/stack_max_size"
echo "$client" >"$driver/bind" || exit 1
echo 0 >/proc/sys/kernel/stack_tracer_enabled
cat "$tracing/stack_trace"
echo "$(cat "$tracing/stack_max_size") bytes at the most"
