//! Builds Python objects from a payload, without an intermediate tree and without recursion.

use hookseal::{Number, Token, Tokens, binding::exact_float};
use pyo3::{
    IntoPyObjectExt,
    exceptions::{PyArithmeticError, PyValueError},
    prelude::*,
    sync::PyOnceLock,
    types::{IntoPyDict, PyDict, PyFloat, PyInt, PyList, PyString, PyType},
};

use crate::{boundary, text};

/// Which Python type a number with a fraction or an exponent gets.
#[derive(Clone, Copy)]
pub(crate) enum Fractions {
    /// A float if it denotes the same value, otherwise a `Decimal`.
    FloatIfExact,
    Decimal,
}

/// The value of these tokens. If a key is repeated, the last one counts.
pub(crate) fn build<'py>(
    py: Python<'py>,
    tokens: Tokens<'_>,
    fractions: Fractions,
) -> PyResult<Bound<'py, PyAny>> {
    let mut open: Vec<Open<'py>> = Vec::new();
    for token in tokens {
        let value = match token {
            Token::Null => py.None().into_bound(py),
            Token::Bool(value) => value.into_bound_py_any(py)?,
            Token::Number(number) => build_number(py, number, fractions)?,
            Token::Text(text) => text::of_text(py, text)?.into_any(),
            Token::Key(key) => {
                if let Some(Open::Object(_, next)) = open.last_mut() {
                    *next = Some(text::of_text(py, key)?);
                }
                continue;
            }
            Token::ListStart => {
                open.push(Open::List(PyList::empty(py)));
                continue;
            }
            Token::ObjectStart => {
                open.push(Open::Object(PyDict::new(py), None));
                continue;
            }
            Token::ListEnd | Token::ObjectEnd => match open.pop() {
                Some(Open::List(elements)) => elements.into_any(),
                Some(Open::Object(members, _)) => members.into_any(),
                None => break,
            },
        };
        match open.last_mut() {
            Some(Open::List(elements)) => elements.append(value)?,
            Some(Open::Object(members, key)) => members.set_item(key.take(), value)?,
            None => return Ok(value),
        }
    }
    Ok(py.None().into_bound(py))
}

/// A container whose end has not been read yet. An object has the key that waits for its value.
enum Open<'py> {
    List(Bound<'py, PyList>),
    Object(Bound<'py, PyDict>, Option<Bound<'py, PyString>>),
}

fn build_number<'py>(
    py: Python<'py>,
    number: Number<'_>,
    fractions: Fractions,
) -> PyResult<Bound<'py, PyAny>> {
    let digits = number.as_str();
    if !number.is_integer() {
        return match (fractions, exact_float(number)) {
            (Fractions::FloatIfExact, Some(value)) => Ok(PyFloat::new(py, value).into_any()),
            _ => build_decimal(py, digits),
        };
    }
    match digits.parse::<i64>() {
        Ok(value) => value.into_bound_py_any(py),
        Err(_) => build_long_integer(py, digits),
    }
}

/// A `Decimal`, or a `str` if the exponent has more than about 18 digits, which no `Decimal` can hold.
#[cold]
fn build_decimal<'py>(py: Python<'py>, number: &str) -> PyResult<Bound<'py, PyAny>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static STRICT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    // With the program's own context such a number could become NaN.
    let strict = STRICT.get_or_try_init(py, || {
        let decimal = py.import("decimal")?;
        let traps = [("traps", [decimal.getattr("InvalidOperation")?])].into_py_dict(py)?;
        decimal.call_method("Context", (), Some(&traps)).map(Bound::unbind)
    })?;
    let text = text::of_str(py, number)?;
    match DECIMAL.import(py, "decimal", "Decimal")?.call1((&text, strict)) {
        Err(error) if error.is_instance_of::<PyArithmeticError>(py) => Ok(text.into_any()),
        made => made,
    }
}

/// Python's default limit for the digits of an `int`. An integer within it costs little, so it is exact even if the
/// program has set a lower limit.
const DIGITS_AT_ANY_LIMIT: usize = 4_300;

/// Makes an integer from pieces, because Python's `int()` refuses more digits than a limit that the program can set (at
/// least 640). Neighbouring pieces are joined in rounds: a million digits take 0.6 s, against 4.9 s if one piece after
/// the other is appended. The time still grows faster than the digits, so the program has to allow longer integers.
#[cold]
fn build_long_integer<'py>(py: Python<'py>, number: &str) -> PyResult<Bound<'py, PyAny>> {
    const PIECE: usize = 600;
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.len() > DIGITS_AT_ANY_LIMIT {
        ask_for_leave(py, digits.len())?;
    }
    let integer = py.get_type::<PyInt>();
    let piece = |digits| integer.call1((PyString::from_bytes(py, digits)?,));
    // The lowest digits first.
    let mut parts = digits.as_bytes().rchunks(PIECE).map(piece).collect::<PyResult<Vec<_>>>()?;
    let mut shift = 10.into_bound_py_any(py)?.pow(PIECE, py.None())?;
    while parts.len() > 1 {
        let merged = parts.chunks(2).map(|pair| match pair {
            [low, high] => high.mul(&shift)?.add(low),
            _ => pair.first().cloned().ok_or_else(|| boundary::internal_error(py)),
        });
        parts = merged.collect::<PyResult<Vec<_>>>()?;
        if parts.len() > 1 {
            shift = shift.mul(&shift)?;
        }
    }
    let value = parts.pop().ok_or_else(|| boundary::internal_error(py))?;
    if digits.len() < number.len() { value.neg() } else { Ok(value) }
}

/// Fails unless the program allows so many digits, by the same setting as for `int()` and `json.loads`.
fn ask_for_leave(py: Python<'_>, digits: usize) -> PyResult<()> {
    let limit: usize = py.import("sys")?.getattr("get_int_max_str_digits")?.call0()?.extract()?;
    if limit == 0 || digits <= limit {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "the payload has an integer of more digits than sys.get_int_max_str_digits() allows ({limit}): read it from \
         event.raw, or raise the limit with sys.set_int_max_str_digits()"
    )))
}
