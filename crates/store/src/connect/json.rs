//! Values inside stored JSON, which the engines reach in different ways.

use sea_orm::ConnectionTrait;

use crate::write::has_numbered_places;

/// The path to a value inside JSON, as [`text_at`] takes it.
pub(crate) fn path(on: &impl ConnectionTrait, names: &[String]) -> String {
    let quoted = names.iter().map(|name| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")));
    if has_numbered_places(on) {
        format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
    } else {
        quoted.fold("$".to_owned(), |path, name| format!("{path}.{name}"))
    }
}

/// The text of the value at the path that is bound to place `$place`; NULL where there is none, or where `sealed` holds.
pub(crate) fn text_at(on: &impl ConnectionTrait, column: &str, place: usize, sealed: &str) -> String {
    if has_numbered_places(on) {
        return format!("(CASE WHEN {sealed} THEN NULL ELSE {column}::jsonb #>> CAST(${place} AS TEXT[]) END)");
    }
    format!(
        "(CASE WHEN {sealed} THEN NULL ELSE CASE json_type({column}, ${place}) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
         WHEN 'null' THEN NULL ELSE CAST(json_extract({column}, ${place}) AS TEXT) END END)"
    )
}

/// The number that the text `value` shows; NULL where it shows none.
pub(crate) fn number_of(on: &impl ConnectionTrait, value: &str) -> String {
    if has_numbered_places(on) {
        return format!(
            "(CASE WHEN {value} ~ '^[-+]?[0-9]{{1,40}}([.][0-9]{{1,40}})?$' THEN CAST({value} AS NUMERIC) END)"
        );
    }
    format!(
        "(CASE WHEN {value} GLOB '[-+0-9]*[0-9]' AND SUBSTR({value}, 2) NOT GLOB '*[^.0-9]*' AND {value} NOT GLOB '*.*.*'
         OR {value} GLOB '[0-9]' THEN CAST({value} AS REAL) END)"
    )
}

/// `value` compared byte by byte, whatever the language of the database.
pub(crate) fn bytewise(on: &impl ConnectionTrait, value: &str) -> String {
    if has_numbered_places(on) { format!("{value} COLLATE \"C\"") } else { value.to_owned() }
}
