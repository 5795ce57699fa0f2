// SPDX-License-Identifier: GPL-2.0-only

//! dt-schema's judgement: of the bindings in `dts/bindings`, and of merged trees by those and the
//! kernel's.

use super::gaps::{self, Gap};
use crate::env::command;
use crate::env::paths::Paths;
use crate::env::progress::Progress;
use crate::run::setup::Environment;
use anyhow::{ensure, Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The kernel's schemas of what overlays add to or change. Those that they refer to come along;
/// with all of them the preparation would take minutes.
const KERNEL: &[&str] = &[
    "clock/fixed-clock.yaml",
    "display/tegra/nvidia,tegra20-vi.yaml",
    "display/tegra/nvidia,tegra210-csi.yaml",
    "eeprom/at24.yaml",
    "gpio/gpio-pca95xx.yaml",
    "i2c/i2c-mux-gpio.yaml",
    "i2c/i2c-mux-pca954x.yaml",
    "i2c/nvidia,tegra20-i2c.yaml",
    "i2c/qcom,i2c-cci.yaml",
    "i2c/qcom,i2c-qup.yaml",
    "media/qcom,msm8916-camss.yaml",
    "regulator/fixed-regulator.yaml",
];

/// The one of dt-schema's own schemas that overlays touch.
const CORE: &str = "gpio-hog";

/// `$1` folder of schemas laid out as their `$id`s, `$2` folder with `dt-bindings/`, `$3` the
/// processed schemas, `$4` scratch file, then our schemas in that folder. Prints what is wrong.
const BINDINGS: &str = r#"
schemas=$1 include=$2 processed=$3 scratch=$4
shift 4
for schema; do
	dt-doc-validate "$schema"
	dt-extract-example "$schema" >"$scratch.dts"
	gcc -E -nostdinc -undef -D__DTS__ -x assembler-with-cpp -I "$include" "$scratch.dts" -o "$scratch.i"
	dtc -q -I dts -O dtb -o "$scratch.dtb" "$scratch.i"
	dt-validate -s "$processed" "$scratch.dtb"
done
"#;

/// Schemas that are ready for use.
#[derive(Debug)]
pub struct Schemas {
    folder: PathBuf,
    processed: PathBuf,
    ours: Vec<PathBuf>,
}

/// A complaint of dt-validate about a tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    pub message: String,
    pub schema: String,
}

impl Schemas {
    /// Collects and processes the schemas. Where a binding of ours has the name of one of the
    /// kernel's, ours is taken.
    ///
    /// # Errors
    ///
    /// A schema cannot be read or processed.
    pub fn prepare(environment: &Environment) -> Result<Self> {
        let Environment { paths, tree, found } = environment;
        let folder = paths.empty_build_dir("overlays-check/schemas")?;
        let processed = folder.with_extension("json");
        let kernel = found.source.join("Documentation/devicetree/bindings");
        let mut wanted: Vec<PathBuf> = KERNEL.iter().map(PathBuf::from).collect();

        let mut ours = BTreeMap::new();
        for (id, path) in own(paths)? {
            wanted.extend(references(&id, &fs::read_to_string(&path)?));
            ours.insert(id, path);
        }
        let mut copied = BTreeSet::new();
        while let Some(schema) = wanted.pop() {
            let path = ours
                .get(&schema)
                .cloned()
                .unwrap_or_else(|| kernel.join(&schema));
            // Schemas that the kernel lacks are dt-schema's own.
            if !path.exists() || !copied.insert(schema.clone()) {
                continue;
            }
            let text = fs::read_to_string(&path)?;
            wanted.extend(references(&schema, &text));
            write(&folder.join(&schema), &text)?;
        }
        for (id, path) in &ours {
            write(&folder.join(id), &fs::read_to_string(path)?)?;
        }

        let progress = Progress::start("schemas", 0);
        let mut process = tree.command(&paths.repo, "dt-mk-schema")?;
        process.arg("-j").arg("-o").arg(&processed).arg(&folder);
        let log = paths.build("logs/schemas.log")?;
        command::logged("dt-mk-schema", process, &log, &progress)?;
        progress.finish();
        Ok(Self {
            ours: ours.keys().map(|id| folder.join(id)).collect(),
            folder,
            processed,
        })
    }

    /// Checks the bindings in `dts/bindings` with dt-schema, and their examples with what they
    /// describe.
    ///
    /// # Errors
    ///
    /// Returns dt-schema's complaints.
    pub fn bindings(&self, environment: &Environment) -> Result<()> {
        let Environment { paths, tree, found } = environment;
        let mut shell = tree.command(&paths.repo, "sh")?;
        shell
            .args(["-c", BINDINGS, "bindings"])
            .arg(&self.folder)
            .arg(found.source.join("include"))
            .arg(&self.processed)
            .arg(self.folder.with_extension("example"))
            .args(&self.ours);
        let log = paths.build("logs/bindings.log")?;
        let progress = Progress::start("bindings", 0);
        let status = command::each_line(&mut shell, &log, |_| {})?;
        progress.finish();
        let text = fs::read_to_string(&log)?;
        ensure!(status.success() && text.is_empty(), "{text}");
        Ok(())
    }

    /// Returns dt-validate's complaints about each of these trees.
    ///
    /// # Errors
    ///
    /// dt-validate cannot be run, or fails itself.
    pub fn validate(
        &self,
        environment: &Environment,
        trees: &BTreeSet<PathBuf>,
    ) -> Result<BTreeMap<PathBuf, Vec<Complaint>>> {
        let Environment { paths, tree, .. } = environment;
        let names = KERNEL.iter().map(Path::new);
        let mut limit: Vec<String> = names
            .chain(self.ours.iter().map(PathBuf::as_path))
            .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        limit.push(CORE.to_owned());

        let mut validate = tree.command(&paths.repo, "dt-validate")?;
        validate
            .arg("-s")
            .arg(&self.processed)
            .arg("-l")
            .arg(limit.join(":"))
            .args(trees);
        let log = paths.build("logs/dt-validate.log")?;
        let progress = Progress::start("dt-validate", 0);
        command::each_line(&mut validate, &log, |line| progress.advance(line))?;
        progress.finish();
        parse(&fs::read_to_string(&log)?, trees)
            .with_context(|| format!("the whole log is {}", log.display()))
    }
}

/// Returns the bindings of this project, by the path that their `$id` stands for.
fn own(paths: &Paths) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(paths.repo.join("dts/bindings"))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = fs::read_to_string(&path)?;
            let id = text
                .lines()
                .find_map(|line| line.strip_prefix("$id: http://devicetree.org/schemas/"))
                .with_context(|| format!("{} has no $id", path.display()))?;
            found.insert(PathBuf::from(id.trim_end_matches('#')), path);
        }
    }
    Ok(found)
}

/// Returns the schemas that one refers to, all as paths below the bindings.
fn references(schema: &Path, text: &str) -> Vec<PathBuf> {
    text.lines()
        .filter_map(|line| line.split_once("$ref:"))
        .filter_map(|(_, target)| {
            let target = target.trim().trim_matches(['"', '\'']);
            let file = target.split('#').next().filter(|file| !file.is_empty())?;
            Some(match file.strip_prefix("/schemas/") {
                Some(path) => PathBuf::from(path),
                None => beside(schema, file),
            })
        })
        .collect()
}

/// `file` as seen from the folder of `schema`, without dots.
fn beside(schema: &Path, file: &str) -> PathBuf {
    let mut path = schema.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(file).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Complaints are lines "file: message", each with a line below that names the schema.
fn parse(log: &str, trees: &BTreeSet<PathBuf>) -> Result<BTreeMap<PathBuf, Vec<Complaint>>> {
    let mut found: BTreeMap<PathBuf, Vec<Complaint>> = BTreeMap::new();
    let mut last = None;
    for line in log.lines() {
        let complaint = line
            .split_once(": ")
            .filter(|(file, _)| trees.contains(Path::new(file)));
        if let Some((file, message)) = complaint {
            last = Some((PathBuf::from(file), message.to_owned()));
        } else if let Some(id) = line.trim_start().strip_prefix("from schema $id: ") {
            let (file, message) = last.take().context("a schema without a complaint")?;
            let schema = id.trim().trim_end_matches('#').to_owned();
            let complaints = found.entry(file).or_default();
            let complaint = Complaint { message, schema };
            // One schema may be applied to a node for several reasons.
            if !complaints.contains(&complaint) {
                complaints.push(complaint);
            }
        } else {
            ensure!(
                line.trim().is_empty() || last.is_some(),
                "dt-validate failed: {line}"
            );
        }
    }
    Ok(found)
}

/// Returns the complaints about a merged tree that its base does not have and that are no known
/// gap; the gaps that it has are added to `met`.
pub fn blame<'a>(
    merged: &'a [Complaint],
    base: &[Complaint],
    met: &mut Vec<&'static Gap>,
) -> Vec<&'a Complaint> {
    let mut own = Vec::new();
    for complaint in merged.iter().filter(|complaint| !base.contains(complaint)) {
        match gaps::of(&complaint.schema, &complaint.message) {
            Some(gap) => met.push(gap),
            None => own.push(complaint),
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_followed_wherever_they_point() {
        let text =
            "allOf:\n  - $ref: /schemas/i2c/i2c-mux.yaml#\n  - $ref: \"../nvmem/nvmem.yaml#\"\n\
                    x:\n  $ref: '#/$defs/y'\n";
        assert_eq!(
            references(Path::new("eeprom/at24.yaml"), text),
            [Path::new("i2c/i2c-mux.yaml"), Path::new("nvmem/nvmem.yaml")]
        );
    }

    fn complaint(message: &str, schema: &str) -> Complaint {
        Complaint {
            message: message.into(),
            schema: schema.into(),
        }
    }

    #[test]
    fn complaints_are_read_with_their_schema() {
        let trees = BTreeSet::from([PathBuf::from("/a.dtb")]);
        let log = "/a.dtb: camera@1a (sony,imx412): 'x' was unexpected\n\
                   \tfrom schema $id: http://devicetree.org/schemas/y.yaml#\n";
        let found = parse(log, &trees).unwrap();
        assert_eq!(
            found[Path::new("/a.dtb")],
            [complaint(
                "camera@1a (sony,imx412): 'x' was unexpected",
                "http://devicetree.org/schemas/y.yaml"
            )]
        );
        assert!(parse("Traceback (most recent call last):\n", &trees).is_err());
    }

    #[test]
    fn the_base_tree_and_gaps_are_not_blamed_on_overlays() {
        let csi = "http://devicetree.org/schemas/display/tegra/nvidia,tegra210-csi.yaml";
        let gap = complaint(
            "csi@838 (x): 'channel@0' do not match any of the regexes: 'p'",
            csi,
        );
        let old = complaint("old", "s");
        let new = complaint("new", "s");
        let mut met = Vec::new();
        let merged = [old.clone(), gap, new.clone()];
        assert_eq!(blame(&merged, &[old], &mut met), [&new]);
        assert_eq!(met.len(), 1);
    }
}
