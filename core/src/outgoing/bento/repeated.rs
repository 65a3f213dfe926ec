//! Finds a name that an object has twice.

use alloc::{borrow::Cow, vec::Vec};

/// The place, from 1, of the first name that is there before it.
pub(super) fn position_of_repeated(names: &[Cow<'_, str>]) -> Option<usize> {
    // For few names, comparing each with each takes less time than sorting.
    const FEW: usize = 12;
    if names.len() <= FEW {
        let is_repeated = |(at, name)| names.iter().take(at).any(|other| other == name);
        return names.iter().enumerate().position(is_repeated).map(|at| at + 1);
    }
    let mut sorted: Vec<_> = names.iter().zip(1..).collect();
    sorted.sort_unstable();
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    pairs.filter(|((first, _), (second, _))| first == second).map(|(_, (_, position))| *position).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn many_names_are_compared_as_few_are(names in proptest::collection::vec("[a-z]{1,2}", 0..60)) {
            let expected = (0..names.len()).find(|&at| names[..at].contains(&names[at])).map(|at| at + 1);
            let names: Vec<Cow<'_, str>> = names.into_iter().map(Cow::Owned).collect();
            prop_assert_eq!(position_of_repeated(&names), expected);
        }
    }
}
