// SPDX-License-Identifier: GPL-2.0-only

//! A headless browser, Chromium's, driven by its DevTools protocol over pipes: messages are JSON that
//! end with a zero.

use crate::env::tools;
use crate::run::setup::Environment;
use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

const PACKAGE: &str = "chromium-headless-shell";
/// The protocol's pipes are 3 and 4; what stands before the program are its standard ones.
const START: &str = "exec chromium-headless-shell --headless --no-sandbox --disable-gpu \
    --disable-dev-shm-usage --user-data-dir=\"$0\" --remote-debugging-pipe 3<&0 4>&1 </dev/null >/dev/null 2>\"$0.log\"";
/// Until something that is waited for has to be true.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// A browser. It ends when it is dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
}

/// A page in it.
#[derive(Debug, Clone)]
pub struct Page {
    target: String,
    session: String,
}

impl Browser {
    /// Starts one, which is fetched if it is not there yet. `name` is that of its folder in build/.
    ///
    /// # Errors
    ///
    /// It cannot be had or started.
    pub fn start(environment: &Environment, name: &str) -> Result<Self> {
        let Environment { paths, tree, .. } = environment;
        tools::install(paths, PACKAGE)?;
        let folder = paths.empty_build_dir(name)?;
        let mut command = tree.command(&paths.repo, "sh")?;
        let mut child = command
            .args(["-c", START])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the browser")?;
        let to = child.stdin.take().context("no pipe to the browser")?;
        let from = child.stdout.take().context("no pipe from the browser")?;
        Ok(Self {
            child,
            to,
            from: BufReader::new(from),
            last: 0,
        })
    }

    fn call(&mut self, page: Option<&Page>, method: &str, parameters: Value) -> Result<Value> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(page) = page {
            message["sessionId"] = json!(page.session);
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        self.to.write_all(&bytes).context("the browser is gone")?;
        self.to.flush()?;
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes)?;
            ensure!(bytes.pop() == Some(0), "the browser has ended");
            let answer: Value = serde_json::from_slice(&bytes)?;
            // Others are events.
            if answer["id"] == json!(self.last) {
                ensure!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return Ok(answer["result"].clone());
            }
        }
    }

    /// Opens a page.
    ///
    /// # Errors
    ///
    /// The browser is gone.
    pub fn open(&mut self, url: &str) -> Result<Page> {
        let made = self.call(
            None,
            "Target.createTarget",
            json!({ "url": url, "width": 1200, "height": 700 }),
        )?;
        let target = made["targetId"].as_str().context("no page")?.to_owned();
        let attached = self.call(
            None,
            "Target.attachToTarget",
            json!({ "targetId": target, "flatten": true }),
        )?;
        let session = attached["sessionId"].as_str().context("no session")?;
        Ok(Page {
            target,
            session: session.to_owned(),
        })
    }

    /// Closes a page at once.
    ///
    /// # Errors
    ///
    /// The browser is gone.
    pub fn close(&mut self, page: &Page) -> Result<()> {
        self.call(
            None,
            "Target.closeTarget",
            json!({ "targetId": page.target }),
        )
        .map(|_| ())
    }

    /// Returns the value of an expression in a page.
    ///
    /// # Errors
    ///
    /// It throws.
    pub fn value(&mut self, page: &Page, expression: &str) -> Result<Value> {
        let answer = self.call(
            Some(page),
            "Runtime.evaluate",
            json!({ "expression": expression, "returnByValue": true }),
        )?;
        if !answer["exceptionDetails"].is_null() {
            bail!("{expression}: {}", answer["exceptionDetails"]);
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Waits until an expression is true.
    ///
    /// # Errors
    ///
    /// It never is; the message has what `tell` is then.
    pub fn until(&mut self, page: &Page, expression: &str, tell: &str) -> Result<()> {
        let begun = Instant::now();
        // The element may not exist yet.
        let patient =
            format!("(() => {{ try {{ return {expression}; }} catch {{ return false; }} }})()");
        while self.value(page, &patient)? != json!(true) {
            if begun.elapsed() > PATIENCE {
                let found = self.value(page, tell)?;
                bail!("{expression} does not come true; {tell} is {found}");
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Puts the focus on the element `id` and presses a key on it: `Home`, `End` or the like.
    ///
    /// # Errors
    ///
    /// There is no such element.
    pub fn press(&mut self, page: &Page, id: &str, key: &str, code: u32) -> Result<()> {
        self.value(page, &format!("document.getElementById('{id}').focus()"))?;
        for kind in ["rawKeyDown", "keyUp"] {
            let event =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.call(Some(page), "Input.dispatchKeyEvent", event)?;
        }
        Ok(())
    }

    /// Returns the page as a PNG, in base 64.
    ///
    /// # Errors
    ///
    /// The browser is gone.
    pub fn picture(&mut self, page: &Page) -> Result<String> {
        let answer = self.call(
            Some(page),
            "Page.captureScreenshot",
            json!({ "format": "png" }),
        )?;
        let text = answer["data"].as_str().context("no picture")?;
        Ok(text.to_owned())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.call(None, "Browser.close", json!({}));
        let _ = self.child.wait();
    }
}
