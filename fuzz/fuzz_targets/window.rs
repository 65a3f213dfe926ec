//! Compares replay windows with arithmetic in 128 bits.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(window);
