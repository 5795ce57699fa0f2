// SPDX-License-Identifier: GPL-2.0-only

//! `fsm-camera live`.

use super::screen::Screen;
use super::Global;
use anyhow::Result;
use clap::Args;
use fsm_camera::camera::Settings;
use fsm_camera::live::{serve, Address};
use fsm_camera::units::{Fps, Size};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = "Examples:
  fsm-camera live
  fsm-camera live --size 1920x1080 --fps 30 --port 8081

On a board without a screen: ssh -L 8080:127.0.0.1:8080 board fsm-camera live, then open
http://127.0.0.1:8080/ here. There is no password: who reaches the address can use the camera.")]
pub struct Options {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
    /// The port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The frame's size; the whole array if it is not given
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    size: Option<Size>,
    /// Bits per pixel
    #[arg(long)]
    depth: Option<u32>,
    /// Frames per second
    #[arg(long)]
    fps: Option<Fps>,
    /// Pixels of a line of the picture at most
    #[arg(long, default_value_t = 960)]
    width: usize,
    /// The video node, if the receiver has several
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
}

pub fn run(screen: &Screen, global: &Global, options: &Options) -> Result<ExitCode> {
    let camera = global.find()?;
    let settings = Settings {
        size: options.size,
        depth: options.depth,
        fps: options.fps,
        node: options.node.clone(),
        ..Settings::default()
    };
    let address = Address(SocketAddr::new(options.address, options.port));
    serve(camera, settings, options.width, address, |address| {
        let url = format!("http://{address}/");
        // It serves even if this cannot be printed.
        let _ = if screen.json {
            screen.json(&serde_json::json!({ "url": url }))
        } else {
            screen.line(&format!("open {url} (Ctrl-C ends this)"))
        };
    })?;
    Ok(ExitCode::SUCCESS)
}
