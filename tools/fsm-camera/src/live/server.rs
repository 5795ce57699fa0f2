// SPDX-License-Identifier: GPL-2.0-only

//! The web server.
//!
//! It has no password: anyone who reaches its address can use the camera. So it listens on
//! 127.0.0.1 unless another address is given, refuses requests that name another host (a page of
//! another site whose name leads here), and accepts changes from its own page only.

use super::pump;
use super::shared::{Change, Shared};
use crate::camera::{Camera, Settings};
use anyhow::{anyhow, Context, Result};
use std::io::{Cursor, Read};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tiny_http::{Header, Method, Request, Response, Server};

const PAGE: &str = include_str!("page.html");
/// Requests at the same time; more are refused.
const MOST_REQUESTS: usize = 32;
/// Time limit of a request for an image.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a change.
const LONGEST_CHANGE: u64 = 1024;

/// Address of the server.
#[derive(Debug, Clone, Copy)]
pub struct Address(pub SocketAddr);

type Answer = Response<Cursor<Vec<u8>>>;

/// Serves the page for ever; `ready` gets its address once it can be opened.
///
/// # Errors
///
/// The address is in use or not of this machine.
pub fn serve(
    camera: Camera,
    settings: Settings,
    widest: usize,
    address: Address,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let server = Server::http(address.0).map_err(|error| {
        anyhow!(
            "cannot listen on {}: {error}; another port (--port) or address may be free",
            address.0
        )
    })?;
    let shared = Arc::new(Shared::new(camera, settings)?);
    let pump = shared.clone();
    thread::Builder::new()
        .name("frames".into())
        .spawn(move || pump::run(&pump, widest))
        .context("cannot start a thread")?;
    let local = server.server_addr().to_ip().unwrap_or(address.0);
    ready(local);
    let requests = Arc::new(AtomicUsize::new(0));
    for request in server.incoming_requests() {
        if requests.fetch_add(1, Ordering::Relaxed) >= MOST_REQUESTS {
            requests.fetch_sub(1, Ordering::Relaxed);
            // A browser that is gone needs no answer, here and below.
            let _ = request.respond(text(503, "too many requests at once"));
            continue;
        }
        let (shared, requests) = (shared.clone(), requests.clone());
        let answering = thread::Builder::new().spawn(move || {
            answer(&shared, request, local.ip());
            requests.fetch_sub(1, Ordering::Relaxed);
        });
        answering.context("cannot start a thread")?;
    }
    Ok(())
}

fn answer(shared: &Shared, mut request: Request, ip: IpAddr) {
    let answer = if !is_for_us(&request, ip) {
        text(403, "this is another host's name")
    } else {
        let url = request.url().to_owned();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        match (request.method(), path) {
            (Method::Get, "/") => typed(200, "text/html; charset=utf-8", PAGE.into()),
            (Method::Get, "/frame") => frame(shared, query),
            (Method::Get, "/state") => json(&shared.view()),
            (Method::Post, "/set") => change(shared, &mut request),
            (_, "/" | "/frame" | "/state" | "/set") => text(405, "not this method"),
            _ => text(404, "there is no such page"),
        }
    };
    let _ = request.respond(answer);
}

fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    let headers = request.headers().iter();
    headers
        .rev()
        .find(|header| header.field.equiv(name))
        .map(|header| header.value.as_str())
}

/// Returns whether the request names this server by an address or as localhost, and, if a page sent
/// it, by the same.
fn is_for_us(request: &Request, ip: IpAddr) -> bool {
    let Some(host) = header(request, "Host") else {
        return false;
    };
    let origin = header(request, "Origin");
    is_ours(host, ip) && origin.is_none_or(|origin| origin == format!("http://{host}"))
}

fn is_ours(host: &str, ip: IpAddr) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    // Through ssh, a tunnel's end on another machine is localhost there; names that others could give
    // to this address are none of these.
    name == "localhost"
        || name
            .parse::<IpAddr>()
            .is_ok_and(|named| named == ip || named.is_loopback() || ip.is_unspecified())
}

fn frame(shared: &Shared, query: &str) -> Answer {
    let after = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("after=")?.parse().ok())
        .unwrap_or(0);
    match shared.newer(after, PATIENCE) {
        Some(shot) => {
            let answer = typed(200, "image/jpeg", shot.jpeg.clone());
            with(answer, "X-Shot", &shot.number.to_string())
        }
        None => text(504, "no picture came"),
    }
}

fn change(shared: &Shared, request: &mut Request) -> Answer {
    // No page of another site can send this type without being asked for it first.
    if header(request, "Content-Type") != Some("application/json") {
        return text(415, "a change is JSON: {\"name\": ..., \"value\": ...}");
    }
    let mut body = String::new();
    let read = request
        .as_reader()
        .take(LONGEST_CHANGE)
        .read_to_string(&mut body);
    if read.is_err() {
        return text(400, "the change did not arrive");
    }
    let change: Change = match serde_json::from_str(&body) {
        Ok(change) => change,
        Err(error) => return text(400, &format!("this is no change: {error}")),
    };
    match shared.change(&change) {
        Ok(()) => json(&shared.view()),
        Err(error) => text(409, &format!("{error:#}")),
    }
}

/// Adds a header of plain ASCII.
fn with(mut answer: Answer, name: &str, value: &str) -> Answer {
    if let Ok(header) = Header::from_bytes(name, value) {
        answer.add_header(header);
    }
    answer
}

fn typed(status: u16, kind: &str, body: Vec<u8>) -> Answer {
    let answer = Response::from_data(body).with_status_code(status);
    let answer = with(answer, "Content-Type", kind);
    let answer = with(answer, "Cache-Control", "no-store");
    with(answer, "X-Content-Type-Options", "nosniff")
}

fn text(status: u16, text: &str) -> Answer {
    typed(status, "text/plain; charset=utf-8", text.into())
}

fn json(value: &impl serde::Serialize) -> Answer {
    match serde_json::to_vec(value) {
        Ok(body) => typed(200, "application/json", body),
        Err(error) => text(500, &error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_others_could_give_are_refused() {
        let here: IpAddr = [127, 0, 0, 1].into();
        for host in [
            "127.0.0.1:8080",
            "localhost:8080",
            "localhost",
            "[::1]:8080",
        ] {
            assert!(is_ours(host, here), "{host}");
        }
        for host in [
            "camera.example:8080",
            "192.168.0.7:8080",
            "",
            "localhost.example",
        ] {
            assert!(!is_ours(host, here), "{host}");
        }
        let lan: IpAddr = [192, 168, 0, 7].into();
        assert!(is_ours("192.168.0.7:8080", lan));
        assert!(!is_ours("camera.example:8080", lan));
        assert!(is_ours("192.168.0.7", [0, 0, 0, 0].into()));
    }
}
