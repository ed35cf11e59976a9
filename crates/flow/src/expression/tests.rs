//! Expressions: exact numbers, functions, names in Chinese, errors in words, and what is refused unread.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::*;

struct Variables(BTreeMap<String, Value>);

impl Lookup for Variables {
    fn find(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
    fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

fn variables() -> Variables {
    let json = json!({
        "n": 7, "price": 1.10, "name": "Ann", "flag": true, "nothing": null,
        "rows": [{"code": "000001", "市值": "1,234.50"}, {"code": "600000", "市值": "10.50"}],
        "row": {"code": "000001", "市值": "1,234.50", "a b": 1},
        "总额": 3, "huge": 1e300,
    });
    let Value::Object(object) = Value::from_json(json).unwrap() else { panic!("an object") };
    let mut variables: BTreeMap<String, Value> = object.fields().clone().into_iter().collect();
    variables.insert("total".into(), Value::Decimal(Decimal::new(1050, 2)));
    Variables(variables)
}

fn evaluate(source: &str) -> Result<Value, String> {
    Expression::parse(source)?.evaluate(&variables())
}

fn shown(source: &str) -> String {
    match evaluate(source) {
        Ok(Value::Decimal(value)) => format!("decimal {value}"),
        Ok(value) => value.to_json().to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn numbers_with_a_point_are_exact() {
    assert_eq!(shown("0.1 + 0.2 == 0.3"), "true");
    assert_eq!(shown("1.20"), "decimal 1.20");
    assert_eq!(shown("1.20 + 1"), "decimal 2.20");
    assert_eq!(shown("1 + 1.20"), "decimal 2.20");
    assert_eq!(shown("-1.50"), "decimal -1.50");
    assert_eq!(shown("size('托管') + 1.20"), "decimal 3.20");
    assert_eq!(shown("总额 + 1.20"), "decimal 4.20");
    assert_eq!(shown("0.10000000000000000001 == 0.1"), "false");
    assert_eq!(shown("123456789012345678.91"), "decimal 123456789012345678.91");
    assert_eq!(shown("n / 2"), "decimal 3.5");
    assert_eq!(shown("8 / 2"), "4");
    assert_eq!(shown("price + 0.05"), "decimal 1.15");
    assert_eq!(shown("total * 2"), "decimal 21.00");
    assert_eq!(shown("total > 10 && total <= 10.5"), "true");
    assert_eq!(shown("0 == 0.00 && 0.00 == 0"), "true");
    assert_eq!(shown("10.5 in [1, 10.50]"), "true");
}

#[test]
fn texts_never_quietly_count() {
    assert!(shown("total + '1.50'").contains("write decimal(…) around the text"), "{}", shown("total + '1.50'"));
    assert!(shown("'1.50' + total").contains("write decimal(…) around the text"));
    assert!(shown("'1' - '2'").contains("write decimal(…) around both"));
    assert!(shown("total > '1'").contains("write decimal(…)"));
    assert!(shown("huge + 1").contains("an inexact number"), "{}", shown("huge + 1"));
    assert_eq!(shown("total + decimal('1,000.50')"), "decimal 1011.00");
    assert_eq!(shown("add('1.10', 2)"), "decimal 3.10");
    assert_eq!(shown("'a' + 'b'"), "\"ab\"");
    assert_eq!(shown("1 == '1'"), "false");
}

#[test]
fn functions_for_money() {
    assert_eq!(shown("round(2.345, 2)"), "decimal 2.35");
    assert_eq!(shown("round('1.5', 2)"), "decimal 1.50");
    assert_eq!(shown("roundDown(2.349, 2)"), "decimal 2.34");
    assert_eq!(shown("roundUp(2.341, 2)"), "decimal 2.35");
    assert_eq!(shown("abs(-1.50)"), "decimal 1.50");
    assert_eq!(shown("max(1, 2.5)"), "decimal 2.5");
    assert_eq!(shown("min([3, 1, 2])"), "1");
    assert_eq!(shown("sum(rows.map(r, decimal(r.市值)))"), "decimal 1245.00");
    assert_eq!(shown("rows.map(r, r.市值).sum()"), "decimal 1245.00");
    assert_eq!(shown("sum([])"), "0");
    assert_eq!(shown("compare('1.10', 1.1)"), "0");
    assert_eq!(shown("integer('12')"), "12");
    assert!(shown("integer('12.5')").contains("not a whole number"));
    assert_eq!(shown("number('12.5')"), "12.5");
    assert_eq!(shown("text(1.50) + '元'"), "\"1.50元\"");
    assert_eq!(shown("string(total)"), "\"10.50\"");
}

#[test]
fn functions_for_tables() {
    assert_eq!(shown("rows.size()"), "2");
    assert_eq!(shown("rows[1].code"), "\"600000\"");
    assert_eq!(shown("rows.filter(r, r.code == '000001').size()"), "1");
    assert_eq!(shown("rows.exists(r, decimal(r.市值) > 1000)"), "true");
    assert_eq!(shown("rows.map(r, r.code).join('/')"), "\"000001/600000\"");
    assert_eq!(shown("rows.map(r, r.code).sort().reverse()[0]"), "\"600000\"");
    assert_eq!(shown("rows.sortBy(r, decimal(r.市值))[0].code"), "\"600000\"");
    assert_eq!(shown("(rows + [row]).size()"), "3");
    assert_eq!(shown("keys(row)"), "[\"a b\",\"code\",\"市值\"]");
    assert_eq!(shown("'code' in row"), "true");
    assert_eq!(shown("has(row.code) && !has(row.other)"), "true");
    assert_eq!(shown("isBlank(' ') && isBlank(nothing) && isBlank([]) && !isBlank(name)"), "true");
    assert_eq!(shown("orElse(nothing, 5)"), "5");
    assert_eq!(shown("row == rows[0]"), "false");
    assert_eq!(shown("{'b': 1, 'a': [1.50]}"), "{\"a\":[\"1.50\"],\"b\":1}");
    assert_eq!(shown("rows[0]"), "{\"code\":\"000001\",\"市值\":\"1,234.50\"}");
}

#[test]
fn names_in_chinese_are_names() {
    assert_eq!(shown("总额 + 1"), "4");
    assert_eq!(shown("row.市值"), "\"1,234.50\"");
    assert_eq!(shown("rows.map(行, 行.市值)[1]"), "\"10.50\"");
    assert_eq!(Expression::parse("总额 + rows.map(行, 行.市值).size()").unwrap().variables.to_vec(), ["总额", "rows"]);
}

#[test]
fn errors_say_what_to_write_instead() {
    let early = Expression::parse("1 + ").unwrap_err().to_string();
    assert!(early.contains("the expression ends too early"), "{early}");
    assert_eq!(shown("row.cod"), "error: row has no field \"cod\"; did you mean \"code\"?");
    assert!(shown("decimal(row.cod)").contains("row has no field \"cod\"; did you mean \"code\"?"));
    assert!(shown("row['cod']").contains("did you mean \"code\"?"), "{}", shown("row['cod']"));
    assert!(shown("rows[2]").contains("its places are 0 to 1"), "{}", shown("rows[2]"));
    assert!(shown("1 / 0").contains("cannot be divided by zero"));
    assert!(shown("name = 'x'").contains("write == with two signs"), "{}", shown("name = 'x'"));
    assert!(shown("flag and flag").contains("write && for and"), "{}", shown("flag and flag"));
    assert!(shown("decimal('abc')").contains("\"abc\" is not a number"));
    assert!(shown("n +").contains("error"), "{}", shown("n +"));
    assert!(shown("Thing{a: 1}").contains("an object is written"));
}

#[test]
fn what_it_reads_and_calls_is_known_before_any_run() {
    let expression =
        Expression::parse("rows.filter(r, r.code == name).size() > lists.range(n)[0] && type(n) == int").unwrap();
    assert_eq!(expression.variables.to_vec(), ["rows", "name", "n", "int"]);
    let calls: Vec<&str> = expression.calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(calls, ["size", "range", "type"]);
}

#[test]
fn deep_and_long_expressions_are_refused_without_harm() {
    for source in [
        "(".repeat(2000),
        format!("{}1{}", "(".repeat(1000), ")".repeat(1000)),
        format!("{}1", "-".repeat(4000)),
        format!("{}true", "!".repeat(4000)),
        format!("1{}", "+1".repeat(2000)),
        format!("a{}", ".b".repeat(2000)),
        format!("a{}", "[0]".repeat(1300)),
        format!("{}1{}", "[".repeat(1000), "]".repeat(1000)),
        format!("{}1", "true?1:".repeat(500)),
        "1".repeat(5000),
    ] {
        assert!(Expression::parse(&source).is_err(), "{}", &source[..20]);
    }
    // What is just allowed is read and computed on an ordinary thread.
    assert_eq!(shown(&format!("1{}", "+1".repeat(250))), "251");
    assert_eq!(shown(&format!("{}1{}", "(".repeat(40), ")".repeat(40))), "1");
    assert_eq!(shown(&format!("{}true", "!".repeat(40))), "true");
}

#[test]
fn an_evaluation_without_end_is_stopped() {
    let squared = "lists.range(1000000).map(a, lists.range(1000000).map(b, b))";
    assert!(shown(squared).contains("goes through more than 2000000 items"), "{}", shown(squared));
    // Each evaluation counts anew.
    (0..20).for_each(|_| assert_eq!(shown("lists.range(1000).exists(a, a == 5000)"), "false"));
}

#[test]
fn templates_give_typed_values_or_texts() {
    let filled = |text: &str| Template::parse(text).and_then(|template| template.fill(&variables()));
    assert_eq!(filled("${n}"), Ok(Value::Integer(7)));
    assert_eq!(filled("Row ${n} of ${name}"), Ok(Value::text("Row 7 of Ann")));
    assert_eq!(filled("${ {'a': '}'}.a }!"), Ok(Value::text("}!")));
    assert_eq!(filled("costs $${n} and $5"), Ok(Value::text("costs ${n} and $5")));
    assert_eq!(filled("plain"), Ok(Value::text("plain")));
    assert_eq!(filled("${nothing}x"), Ok(Value::text("x")));
    assert!(Template::parse("${n").unwrap_err().contains("no closing"));
    assert!(Template::parse("${}").unwrap_err().contains("empty"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sums_of_decimals_are_exact(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
        let (a, b) = (Decimal::new(a, 4), Decimal::new(b, 2));
        prop_assert_eq!(shown(&format!("({a}) + ({b}) - ({b}) == decimal('{a}')")), "true");
        prop_assert_eq!(evaluate(&format!("decimal('{a}') + decimal('{b}')")), Ok(Value::Decimal(a + b)));
    }

    #[test]
    fn no_text_makes_it_panic(source in "[a-z0-9 .+*/<>=!&|?:()\\[\\]{}'\",_$\\\\-]{0,40}") {
        if let Ok(expression) = Expression::parse(&source) {
            let _ = expression.evaluate(&variables());
        }
        let _ = Template::parse(&source);
    }
}
