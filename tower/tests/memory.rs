//! What a body costs in memory while it is read.

#[expect(dead_code, reason = "it has more than this file needs")]
mod requests;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use axum::{Router, body::Body, http::Method, routing::any};
use bytes::Bytes;
use hookseal_tower::{Verified, WebhookLayer};
use http_body::Frame;
use tower::ServiceExt;

use requests::{BODY, Frames, receiver, request, signed};

/// Counts the bytes that are allocated now, and at most.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: each call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(NOW.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: the caller keeps the rules of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the rules of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A single test, because other threads would be counted too.
#[test]
fn a_body_takes_at_most_twice_the_limit_in_whatever_pieces_it_comes() {
    const LIMIT: usize = 1_000_000;
    // Small pieces of one buffer, which cost nothing by themselves.
    let whole = Bytes::from([BODY, &vec![b' '; LIMIT + 1 - BODY.len()]].concat());
    let routes = Router::new().route(
        "/",
        any(async |_: Verified| ()).layer(WebhookLayer::new(receiver().max_body_bytes(LIMIT).unwrap())),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (length, status) in [(LIMIT, 200), (LIMIT + 1, 413)] {
        // The lengths at which a buffer that doubles is largest lie just above a power of two.
        for first in [1, 600, 524_289, LIMIT - 1] {
            let piece = |from, to| Frame::data(whole.slice(from..to));
            let rest = (first..length).step_by(1_000).map(|at| piece(at, length.min(at + 1_000)));
            let mut frames: Vec<_> = [piece(0, first)].into_iter().chain(rest).collect();
            frames.reverse();
            let request = request(Method::POST, &signed(&whole[..length]), Body::new(Frames(frames)));
            let before = NOW.load(Relaxed);
            PEAK.store(before, Relaxed);
            let response = runtime.block_on(routes.clone().oneshot(request)).unwrap();
            let peak = PEAK.load(Relaxed) - before;
            assert_eq!(response.status(), status);
            assert!(peak <= 2 * LIMIT + 20_000, "{length} bytes after {first}: {peak}");
        }
    }
}
