//! A payload as Python objects, built without a tree in between and without recursion.

use hookseal::{Number, Token, Tokens};
use pyo3::{
    IntoPyObjectExt,
    prelude::*,
    types::{PyDict, PyFloat, PyInt, PyList, PyString},
};

use crate::text;

/// The value that these pieces make. Of a repeated key the last one counts.
pub(crate) fn build<'py>(py: Python<'py>, tokens: Tokens<'_>) -> PyResult<Bound<'py, PyAny>> {
    let mut open: Vec<Open<'py>> = Vec::new();
    for token in tokens {
        let value = match token {
            Token::Null => py.None().into_bound(py),
            Token::Bool(value) => value.into_bound_py_any(py)?,
            Token::Number(number) => build_number(py, number)?,
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

/// A container whose end has not come yet; an object with the key that waits for its value.
enum Open<'py> {
    List(Bound<'py, PyList>),
    Object(Bound<'py, PyDict>, Option<Bound<'py, PyString>>),
}

fn build_number<'py>(py: Python<'py>, number: Number<'_>) -> PyResult<Bound<'py, PyAny>> {
    let digits = number.as_str();
    if !number.is_integer() {
        // Rust and Python both round to the nearest float, ties to even.
        let value = digits.parse::<f64>().unwrap_or(f64::NAN);
        return Ok(PyFloat::new(py, value).into_any());
    }
    match digits.parse::<i64>() {
        Ok(value) => value.into_bound_py_any(py),
        Err(_) => build_long_integer(py, digits),
    }
}

/// An integer of any length, in pieces, because Python refuses `int()` of more digits than a limit that the
/// program can set (640 at the least).
#[cold]
fn build_long_integer<'py>(py: Python<'py>, digits: &str) -> PyResult<Bound<'py, PyAny>> {
    const PIECE: usize = 600;
    let integer = py.get_type::<PyInt>();
    let (negative, mut rest) = digits.strip_prefix('-').map_or((false, digits), |digits| (true, digits));
    let mut value = 0.into_bound_py_any(py)?;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(PIECE));
        let shift = 10.into_bound_py_any(py)?.pow(piece.len(), py.None())?;
        value = value.mul(shift)?.add(integer.call1((piece,))?)?;
        rest = after;
    }
    if negative { value.neg() } else { Ok(value) }
}
