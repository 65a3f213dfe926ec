//! A record of a delivery, with any change to it.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(record);
