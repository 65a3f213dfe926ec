//! Compares rings of keys with ids and periods of validity with a simple search.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(key_ring);
