//! Rings of keys with ids and times of validity, against a simple search.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(key_ring);
