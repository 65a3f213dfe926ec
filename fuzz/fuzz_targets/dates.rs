//! Compares the reading of every date format with independent readers.

#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(dates);
