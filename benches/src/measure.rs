//! Measures a routine with criterion, after a check that it gives the expected result.

use std::{fmt::Debug, hint::black_box, time::Duration};

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};

/// A group of routines that do the same work, so that their times can be compared.
#[expect(missing_debug_implementations, reason = "a group of criterion's has none")]
pub struct Case<'c> {
    name: String,
    group: BenchmarkGroup<'c, WallTime>,
}

impl<'c> Case<'c> {
    /// A case of this many bytes, and of this many events or requests.
    pub fn new(criterion: &'c mut Criterion, name: impl Into<String>, bytes: usize, elements: usize) -> Self {
        let name = name.into();
        let mut group = criterion.benchmark_group(&name);
        group.throughput(Throughput::ElementsAndBytes {
            elements: u64::try_from(elements).unwrap_or(u64::MAX),
            bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
        });
        Self { name, group }
    }

    /// Measures a routine that must have this result.
    ///
    /// # Panics
    ///
    /// The routine has another result.
    pub fn measure<T: PartialEq + Debug>(&mut self, routine: &str, expected: T, mut run: impl FnMut() -> T) {
        let found = run();
        assert!(
            found == expected,
            "the benchmark `{}`, `{routine}` expects {expected:?} and finds {found:?}",
            self.name
        );
        self.group.bench_function(routine, |bencher| bencher.iter(|| black_box(run())));
    }
}

/// Criterion, with times that suit routines of nanoseconds. Options of the command line override them.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}

/// Makes the `main` of a benchmark out of its cases. A case after `own:` replaces the others if the user has a body of
/// their own.
#[macro_export]
macro_rules! cases {
    (own: $own:path; $($case:path),+ $(,)?) => {
        fn main() {
            let mut criterion = $crate::criterion();
            match $crate::own_body() {
                Some(body) => $own(&mut criterion, &body),
                None => { $($case(&mut criterion);)+ }
            }
            criterion.final_summary();
        }
    };
    ($($case:path),+ $(,)?) => {
        fn main() {
            let mut criterion = $crate::criterion();
            $($case(&mut criterion);)+
            criterion.final_summary();
        }
    };
}
