//! Compares the reading of credentials in headers with a reader that works bit by bit.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(authorization_header);
