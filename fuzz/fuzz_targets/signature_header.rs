//! Compares the reading of Benji's signature header with a reader that works bit by bit.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(signature_header);
