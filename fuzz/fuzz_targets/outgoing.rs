//! Reads any answer to each kind of outgoing request, and takes any text as each kind of value.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(outgoing);
