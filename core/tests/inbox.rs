//! The statements and settings of an inbox. The tests of the packages run the statements on real databases.

use std::collections::BTreeSet;

use hookseal::inbox::{INBOX_VERSION, POSTGRESQL, SETTINGS, SQLITE, Statements, is_inbox_name, numbered};

/// What a caller has to pass for each statement.
const PARAMETERS: &[(&str, &[&str])] = &[
    ("tables", &[]),
    ("connect", &[]),
    ("begin", &[]),
    ("version", &[]),
    ("put", &["body", "inbox", "key", "lock_timeout_milliseconds", "record", "retention_seconds"]),
    ("free", &["inbox", "key", "lock_timeout_milliseconds"]),
    ("has_key", &["inbox", "key"]),
    ("waiting", &["inbox", "max_waiting"]),
    ("wake", &["inbox"]),
    ("listen", &[]),
    ("take", &["inbox", "lease_seconds", "max_attempts", "rows_per_take"]),
    ("take_one", &["inbox", "lease_seconds", "max_attempts"]),
    ("done", &["handler_limit_seconds", "number", "turn"]),
    ("done_by_number", &["inbox", "number"]),
    ("fail", &["error", "first_delay_seconds", "longest_delay_seconds", "max_attempts", "number", "turn"]),
    ("give_back", &["delay_seconds", "number", "turn"]),
    ("dead", &["after", "inbox", "rows"]),
    ("retry", &["inbox", "number"]),
    ("prune", &["inbox", "keep_done_seconds"]),
    ("prune_bodies", &["inbox", "keep_done_seconds"]),
    ("counts", &["inbox"]),
];

#[test]
fn each_statement_takes_what_its_documentation_says() {
    for (database, statements) in [("postgresql", POSTGRESQL), ("sqlite", SQLITE)] {
        let listed: Vec<_> = statements.all().collect();
        assert_eq!(listed.len(), PARAMETERS.len());
        for ((name, text), (expected, parameters)) in listed.iter().zip(PARAMETERS) {
            assert_eq!(name, expected);
            if *name == "tables" {
                continue;
            }
            let (numbered, names) = numbered(text);
            assert!(!numbered.contains(':'), "{numbered}");
            let names: BTreeSet<_> = names.into_iter().collect();
            let only_for_postgresql = ["handler_limit_seconds", "lock_timeout_milliseconds"];
            let mut expected: BTreeSet<_> = parameters.iter().copied().collect();
            if database == "sqlite" {
                expected.retain(|name| !only_for_postgresql.contains(name));
            }
            // Without a statement there is nothing to pass.
            assert!(text.is_empty() || names == expected, "{database} {name}: {names:?}");
        }
    }
}

#[test]
fn a_database_leaves_out_only_what_it_does_not_need() {
    let empty = |statements: &Statements| -> Vec<_> {
        statements.all().filter(|(_, text)| text.is_empty()).map(|(name, _)| name).collect()
    };
    assert_eq!(empty(&POSTGRESQL), ["connect"]);
    assert_eq!(empty(&SQLITE), ["wake", "listen"]);
}

#[test]
fn a_parameter_that_occurs_twice_has_one_number() {
    assert_eq!(
        numbered("a = :a AND b = :b AND c = :a"),
        ("a = $1 AND b = $2 AND c = $1".into(), vec!["a", "b"])
    );
    assert_eq!(numbered("SELECT 1"), ("SELECT 1".into(), vec![]));
    assert_eq!(numbered(":first_name:x"), ("$1$2".into(), vec!["first_name", "x"]));
}

#[test]
fn the_tables_name_their_version() {
    for statements in [POSTGRESQL, SQLITE] {
        assert!(statements.tables.contains(&format!("VALUES ('inbox', {INBOX_VERSION})")));
        assert!(statements.tables.contains(&format!("version {INBOX_VERSION}, on")));
    }
}

/// `services/test_prune.py` looks at the plans of real databases.
#[test]
fn a_statement_repeats_the_condition_of_each_index_that_serves_it() {
    let served: [(&str, &[&str]); 5] = [
        ("key", &["put"]),
        ("open", &["waiting", "take", "take_one"]),
        ("dead", &["dead"]),
        ("done", &["prune", "prune_bodies"]),
        ("emptied", &["prune"]),
    ];
    for statements in [POSTGRESQL, SQLITE] {
        let indexes =
            statements.tables.lines().filter(|line| line.starts_with("CREATE") && line.contains("INDEX"));
        let conditions: Vec<_> =
            indexes.map(|line| line.trim_end_matches(';').split_once(" WHERE ").unwrap()).collect();
        assert_eq!(conditions.len(), served.len());
        for ((index, condition), (name, statement_names)) in conditions.into_iter().zip(served) {
            assert!(index.contains(&format!(" hookseal_inbox_{name} ON ")), "{index}");
            for name in statement_names {
                let (_, text) = statements.all().find(|(named, _)| named == name).unwrap();
                assert!(text.contains(condition), "{name}: {condition}");
            }
        }
    }
}

#[test]
fn a_default_lies_in_its_range() {
    let mut names = BTreeSet::new();
    for setting in SETTINGS {
        assert!((setting.least..=setting.most).contains(&setting.default), "{setting:?}");
        assert!(names.insert(setting.name));
    }
    let default = |name| SETTINGS.iter().find(|setting| setting.name == name).unwrap().default;
    assert!(default("handler_limit_seconds") < default("lease_seconds"));
    assert!(default("first_delay_seconds") < default("longest_delay_seconds"));
}

#[test]
fn each_setting_has_its_default_and_its_range() {
    let listed: Vec<_> = SETTINGS
        .iter()
        .map(|setting| (setting.name, setting.default, setting.least..=setting.most))
        .collect();
    let expected = [
        ("max_waiting", 100_000, 1..=1_000_000_000),
        ("lock_timeout_milliseconds", 2_000, 1..=60_000),
        ("rows_per_take", 1, 1..=1_000),
        ("handler_limit_seconds", 60, 1..=86_400),
        ("lease_seconds", 120, 2..=172_800),
        ("max_attempts", 12, 1..=1_000),
        ("first_delay_seconds", 10, 0..=86_400),
        ("longest_delay_seconds", 3_600, 0..=2_592_000),
        ("keep_done_seconds", 604_800, 0..=315_360_000),
        ("poll_milliseconds", 1_000, 10..=60_000),
    ];
    assert_eq!(listed, expected);
}

#[test]
fn an_inbox_has_a_plain_name() {
    for name in ["a", "Orders-2.eu_west", &"n".repeat(100)] {
        assert!(is_inbox_name(name), "{name}");
    }
    for name in ["", " ", "a b", "é", "a\0", "a'b", "a\n", &"n".repeat(101)] {
        assert!(!is_inbox_name(name), "{name:?}");
    }
}
