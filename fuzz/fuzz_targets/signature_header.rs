#![cfg_attr(feature = "libfuzzer", no_main)]

hookseal_fuzz::target!(signature_header);
