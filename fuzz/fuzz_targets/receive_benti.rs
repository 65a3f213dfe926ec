//! Whole requests to a receiver of Benti, against the rules written a second time.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(receive_benti);
