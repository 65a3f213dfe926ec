//! A panic for the test that no panic ends the process. Only a build with the feature `forced-panic` has it. Published
//! builds do not.

#[cfg(feature = "forced-panic")]
pub(crate) fn on(body: &[u8]) {
    assert!(body != b"panic", "forced by a test");
}

#[cfg(not(feature = "forced-panic"))]
#[inline(always)]
pub(crate) fn on(_body: &[u8]) {}
