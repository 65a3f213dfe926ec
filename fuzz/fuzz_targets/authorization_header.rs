//! Credentials in headers, against a reader that goes bit by bit.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(authorization_header);
