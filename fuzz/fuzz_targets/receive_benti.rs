//! Compares a Benti receiver on whole requests with a second implementation of the rules.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(receive_benti);
