//! Checks that every event survives the conversion to a CloudEvent and back.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(normalization);
