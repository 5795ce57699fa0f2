// SPDX-License-Identifier: GPL-2.0-only

//! The nodes of one camera, found by the slot of its board.

use crate::files;
use crate::sys::{self, Argument};
use crate::v4l2;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Folder of the driver, to bind I2C clients.
pub const DRIVER: &str = "/sys/bus/i2c/drivers/fsm_imx412";
/// Folder of the virtual board's driver, to bind boards.
pub const BOARD_DRIVER: &str = "/sys/bus/platform/drivers/fsm_imx412_vboard";
/// Time limit for a camera to be probed: probing waits for suppliers, and machines may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bits of an entity's type that make it a sub-device, and one function.
const CAMERA_SENSOR: u32 = 0x0002_0001;
const VIDEO: u32 = 0x0001_0001;
/// `MEDIA_ENT_ID_FLAG_NEXT`.
const NEXT: u32 = 1 << 31;

#[derive(Debug, Clone)]
pub struct Camera {
    /// Name of the board: `fsm-imx412-cam0`.
    pub board: String,
    pub media: PathBuf,
    pub sensor: PathBuf,
    pub video: PathBuf,
    /// Name of the sensor's I2C client: `0-001a`.
    pub client: String,
}

impl Camera {
    /// Returns the camera in `slot`, `cam0` for example, if it is complete.
    pub fn find(slot: &str) -> Option<Self> {
        let board = format!("fsm-imx412-{slot}");
        fs::read_dir("/dev")
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.to_string_lossy().starts_with("/dev/media"))
            .find_map(|media| Self::of(&media, &board))
    }

    /// Waits for the camera in `slot` and returns it.
    pub fn wait(slot: &str) -> Result<Self, String> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(camera) = Self::find(slot) {
                return Ok(camera);
            }
            if Instant::now() > end {
                return Err(format!("the camera {slot} did not come"));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn of(media: &Path, board: &str) -> Option<Self> {
        let file = sys::open(media).ok()?;
        let mut info = Argument::new(256);
        sys::control(&file, v4l2::MEDIA_DEVICE_INFO, &mut info).ok()?;
        // The bus: "platform:fsm-imx412-cam0".
        if info.text(88, 32) != format!("platform:{board}") {
            return None;
        }
        let (mut sensor, mut video) = (None, None);
        let mut entity = Argument::new(256).with(0, NEXT);
        while sys::control(&file, v4l2::MEDIA_ENUM_ENTITIES, &mut entity).is_ok() {
            let node = node(entity.u32(72), entity.u32(76));
            match entity.u32(36) {
                CAMERA_SENSOR => sensor = node,
                VIDEO => video = node,
                _ => {}
            }
            let id = entity.u32(0);
            entity = Argument::new(256).with(0, id | NEXT);
        }
        let sensor: PathBuf = sensor?;
        let name = sensor.file_name()?;
        let device = Path::new("/sys/class/video4linux")
            .join(name)
            .join("device");
        Some(Self {
            board: board.to_owned(),
            media: media.to_owned(),
            client: fs::read_link(device)
                .ok()?
                .file_name()?
                .to_str()?
                .to_owned(),
            sensor,
            video: video?,
        })
    }

    /// Returns a file of the sensor's in sysfs.
    pub fn attribute(&self, name: &str) -> PathBuf {
        Path::new("/sys/bus/i2c/devices")
            .join(&self.client)
            .join(name)
    }

    /// Returns a file of the board's in debugfs.
    pub fn debugfs(&self, name: &str) -> PathBuf {
        Path::new("/sys/kernel/debug/fsm-imx412")
            .join(&self.board)
            .join(name)
    }

    pub fn bind(&self) -> Result<(), files::Error> {
        files::write(format!("{DRIVER}/bind"), &self.client)
    }

    pub fn unbind(&self) -> Result<(), files::Error> {
        files::write(format!("{DRIVER}/unbind"), &self.client)
    }

    pub fn is_bound(&self) -> bool {
        Path::new(DRIVER).join(&self.client).exists()
    }

    pub fn board_is_bound(&self) -> bool {
        Path::new(BOARD_DRIVER).join(&self.board).exists()
    }

    /// Returns the slot: `cam0`.
    pub fn slot(&self) -> &str {
        self.board.trim_start_matches("fsm-imx412-")
    }
}

/// Returns the device node with these numbers.
fn node(major: u32, minor: u32) -> Option<PathBuf> {
    let link = fs::read_link(format!("/sys/dev/char/{major}:{minor}")).ok()?;
    let node = Path::new("/dev").join(link.file_name()?);
    node.exists().then_some(node)
}
