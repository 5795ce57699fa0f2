// SPDX-License-Identifier: GPL-2.0-only

//! Steps of the preparation that are done once: each leaves a stamp that names what it was made
//! from, so that an interrupted run goes on where it stopped and a changed input makes anew what
//! depends on it.

use super::paths::{self, Paths};
use super::progress::Progress;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A digest of everything that a step's product depends on.
#[derive(Debug, Default, Clone)]
pub struct Key(Sha256);

impl Key {
    /// Adds a text, for example a package version or the steps a recipe consists of.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// Adds a file's content.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn file(mut self, path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(&bytes);
        Ok(self)
    }

    /// Returns the digest as text.
    pub fn finish(self) -> String {
        self.0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// One step: its product below the cache, and what the product depends on.
#[derive(Debug)]
pub struct Step {
    name: String,
    product: PathBuf,
    stamp: PathBuf,
    log: PathBuf,
    key: String,
}

impl Step {
    /// Describes the step that makes `product`, a path below the cache. `name` is what the user
    /// reads.
    pub fn new(paths: &Paths, name: &str, product: &str, key: Key) -> Self {
        let file = product.replace('/', "-");
        Self {
            name: name.to_owned(),
            product: paths.cache.join(product),
            stamp: paths.cache.join("stamps").join(&file),
            log: paths.cache.join("logs").join(format!("{file}.log")),
            key: key.finish(),
        }
    }

    /// Returns whether the product is there, made from the same inputs.
    pub fn is_done(&self) -> bool {
        self.product.exists() && fs::read_to_string(&self.stamp).is_ok_and(|key| key == self.key)
    }

    /// Returns the path of the product, which exists once the step is done.
    pub fn product(&self) -> PathBuf {
        self.product.clone()
    }

    /// Makes the product unless it is done: `make` gets an empty folder that takes the product's
    /// place when it succeeds, the log's path, and the progress display (`length` lines long).
    ///
    /// # Errors
    ///
    /// Those of `make`, and of the file system.
    pub fn fresh(
        &self,
        length: u64,
        make: impl FnOnce(&Path, &Path, &Progress) -> Result<()>,
    ) -> Result<PathBuf> {
        self.run(length, |log, progress| {
            let mut partial = self.product.clone().into_os_string();
            partial.push(".partial");
            let partial = PathBuf::from(partial);
            paths::remove(&partial)?;
            fs::create_dir_all(&partial)?;
            make(&partial, log, progress)?;
            paths::remove(&self.product)?;
            fs::rename(&partial, &self.product)?;
            Ok(())
        })
    }

    /// Makes the product where it is, for recipes that resume by themselves, as `make` does: an
    /// interrupted step finds what it had.
    ///
    /// # Errors
    ///
    /// Those of `make`, and of the file system.
    pub fn resumable(
        &self,
        length: u64,
        make: impl FnOnce(&Path, &Path, &Progress) -> Result<()>,
    ) -> Result<PathBuf> {
        self.run(length, |log, progress| {
            fs::create_dir_all(&self.product)?;
            make(&self.product, log, progress)
        })
    }

    fn run(
        &self,
        length: u64,
        make: impl FnOnce(&Path, &Progress) -> Result<()>,
    ) -> Result<PathBuf> {
        if !self.is_done() {
            for folder in [self.stamp.parent(), self.log.parent()]
                .into_iter()
                .flatten()
            {
                fs::create_dir_all(folder)?;
            }
            paths::remove(&self.stamp)?;
            let progress = Progress::start(&self.name, length);
            make(&self.log, &progress).with_context(|| self.name.clone())?;
            fs::write(&self.stamp, &self.key)?;
            progress.finish();
        }
        Ok(self.product.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> Paths {
        let root = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
        paths::remove(&root).unwrap();
        fs::create_dir_all(&root).unwrap();
        Paths {
            repo: root.clone(),
            cache: root,
        }
    }

    fn write(text: &'static str) -> impl Fn(&Path, &Path, &Progress) -> Result<()> {
        move |folder, _, _| Ok(fs::write(folder.join("file"), text)?)
    }

    #[test]
    fn made_once_per_key() {
        let paths = scratch("once");
        let step = |key: &str| Step::new(&paths, "step", "product", Key::default().text(key));
        step("a").fresh(0, write("first")).unwrap();
        step("a").fresh(0, |_, _, _| panic!("made twice")).unwrap();
        let product = step("b").fresh(0, write("second")).unwrap();
        assert_eq!(fs::read_to_string(product.join("file")).unwrap(), "second");
    }

    #[test]
    fn a_failed_step_leaves_no_product_and_is_tried_again() {
        let paths = scratch("failed");
        let step = Step::new(&paths, "step", "product", Key::default());
        let failed = step.fresh(0, |folder, _, _| {
            fs::write(folder.join("half"), "")?;
            anyhow::bail!("interrupted")
        });
        assert!(failed.is_err() && !step.is_done());
        let product = step.fresh(0, write("whole")).unwrap();
        assert!(!product.join("half").exists());
        assert!(step.is_done());
    }

    #[test]
    fn a_resumable_step_finds_what_it_had() {
        let paths = scratch("resumed");
        let step = Step::new(&paths, "step", "product", Key::default());
        let _ = step.resumable(0, |folder, _, _| {
            fs::write(folder.join("half"), "")?;
            anyhow::bail!("interrupted")
        });
        let product = step.resumable(0, write("whole")).unwrap();
        assert!(product.join("half").exists() && product.join("file").exists());
    }

    #[test]
    fn keys_tell_where_one_text_ends() {
        let joined = Key::default().text("ab").text("c").finish();
        assert_ne!(joined, Key::default().text("a").text("bc").finish());
    }
}
