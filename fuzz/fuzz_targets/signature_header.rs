//! Benji's signature header, against a reader that goes bit by bit.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(signature_header);
