//! Compares the JSON scanner with `serde_json`.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(payload);
