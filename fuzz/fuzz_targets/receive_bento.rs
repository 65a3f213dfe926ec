//! Whole requests to a receiver of Bento, against the rules written a second time.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(receive_bento);
