//! Every date format, against independent readers.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(dates);
