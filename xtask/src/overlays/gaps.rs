// SPDX-License-Identifier: GPL-2.0-only

//! Gaps of mainline's schemas for these overlays. Closed gaps must be removed from this list.

/// Properties or nodes that a driver reads and the schema of its binding does not know.
#[derive(Debug, PartialEq, Eq)]
pub struct Gap {
    /// The schema, below `Documentation/devicetree/bindings`.
    pub schema: &'static str,
    /// Names that it lacks; a name that ends with `@` is that of nodes.
    pub names: &'static [&'static str],
}

/// The gaps of Linux 7.3.
pub const GAPS: &[Gap] = &[
    // drivers/staging/media/tegra-video reads `channel@N` with `ports` and nvidia,mipi-calibrate.
    // The text that the schema was converted from described them, and the one of the older SoC,
    // nvidia,tegra20-csi.yaml, does still.
    Gap {
        schema: "display/tegra/nvidia,tegra210-csi.yaml",
        names: &["#address-cells", "#size-cells", "channel@"],
    },
];

/// Returns the gap that a complaint of dt-validate comes from: all that it names are in it.
pub fn of(schema: &str, message: &str) -> Option<&'static Gap> {
    let (names, _) = message.split_once(" do not match any of the regexes")?;
    let (_, names) = names.split_once("): ")?;
    GAPS.iter().find(|gap| {
        schema.ends_with(gap.schema)
            && names.split(", ").all(|name| {
                let name = name.trim_matches('\'');
                gap.names.iter().any(|known| {
                    *known == name || (known.ends_with('@') && name.starts_with(known))
                })
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "http://devicetree.org/schemas/display/tegra/nvidia,tegra210-csi.yaml";

    fn message(names: &str) -> String {
        format!("csi@838 (nvidia,tegra210-csi): {names} do not match any of the regexes: '^p$'")
    }

    #[test]
    fn a_gap_covers_what_it_names_and_no_more() {
        assert_eq!(
            of(SCHEMA, &message("'#size-cells', 'channel@4'")),
            Some(&GAPS[0])
        );
        assert_eq!(of(SCHEMA, &message("'channel@4', 'chanel@5'")), None);
        assert_eq!(
            of(
                "http://devicetree.org/schemas/x.yaml",
                &message("'channel@4'")
            ),
            None
        );
        assert_eq!(
            of(SCHEMA, "csi@838 (nvidia,tegra210-csi): reg is too long"),
            None
        );
    }
}
