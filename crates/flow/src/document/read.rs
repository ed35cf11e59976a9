//! Reads a document's tree into a [`Flow`], collecting every problem on the way. Knows the table of [`forms`] and
//! nothing of actions; steps are read next door.

use std::collections::HashMap;

use super::{
    Flow, Named, ParameterDeclaration, ParameterType,
    forms::{DOCUMENT, Field, PARAMETER, PARAMETERS},
    node::{Kind, Name, Node},
};
use crate::{
    convert::from_text,
    expression::{Expression, Template, names::why_not_a_name},
    problem::{Place, Problems, Spot},
    suggestion::did_you_mean,
    value::Value,
};

/// Reads one document.
pub(crate) struct Reader {
    pub(crate) problems: Problems,
    /// Where each id was first seen.
    pub(crate) ids: HashMap<String, Place>,
    /// How deep the steps are nested.
    pub(crate) depth: usize,
}

/// The stack of the thread that reads: documents and expressions nest, and the YAML reader recurses.
const STACK: usize = 32 * 1024 * 1024;

/// Reads the document in `source`; `None` when nothing of it can be used.
pub(crate) fn read(file: &str, source: &str) -> (Option<Flow>, Problems) {
    let read = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || read_here(file, source));
        thread.ok().and_then(|thread| thread.join().ok())
    });
    read.unwrap_or_else(|| {
        let mut problems = Problems::new();
        problems
            .push(Spot::file(file).problem("the document could not be read", "try again; if it stays, simplify it"));
        (None, problems)
    })
}

fn read_here(file: &str, source: &str) -> (Option<Flow>, Problems) {
    let mut reader = Reader { problems: Problems::new(), ids: HashMap::new(), depth: 0 };
    let flow = match super::node::parse(file, source) {
        Ok(node) => reader.flow(file, &node),
        Err(problem) => {
            reader.problems.push(*problem);
            None
        }
    };
    (flow, reader.problems)
}

impl Reader {
    pub(crate) fn report(&mut self, spot: &Spot, cause: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(spot.problem(cause, remedy));
    }

    fn flow(&mut self, file: &str, node: &Node) -> Option<Flow> {
        let spot = Spot::file(file);
        if node.is_null() {
            self.report(&spot, "the document is empty", "a flow begins with \"flow: <its name>\" and has \"steps:\"");
            return None;
        }
        self.fields(node, &spot, DOCUMENT, &[])?;
        let text = |reader: &mut Self, name: &str| {
            node.get(name).and_then(|field| reader.text(field, &at(&spot, name, field))).unwrap_or_default()
        };
        let (name, description) = (text(self, "flow"), text(self, "description"));
        let (in_parameters, out_parameters) = match node.get("parameters") {
            Some(parameters) => self.parameters(parameters, &at(&spot, "parameters", parameters)),
            None => (Vec::new(), Vec::new()),
        };
        let variables = node.get("variables").map(|field| self.named(field, &at(&spot, "variables", field)));
        let variables = variables.unwrap_or_default();
        let steps = node.get("steps").map(|field| self.steps(field, &at(&spot, "steps", field)));
        Some(Flow {
            file: file.to_owned(),
            name,
            description,
            in_parameters,
            out_parameters,
            variables,
            steps: steps.unwrap_or_default(),
        })
    }

    fn parameters(&mut self, node: &Node, spot: &Spot) -> (Vec<ParameterDeclaration>, Vec<ParameterDeclaration>) {
        if self.fields(node, spot, PARAMETERS, &[]).is_none() {
            return (Vec::new(), Vec::new());
        }
        let mut side = |name: &str| match node.get(name) {
            Some(side) => self.declarations(side, &at(spot, name, side)),
            None => Vec::new(),
        };
        (side("in"), side("out"))
    }

    fn declarations(&mut self, node: &Node, spot: &Spot) -> Vec<ParameterDeclaration> {
        let Some(fields) = self.mapping(node, spot) else { return Vec::new() };
        fields.iter().filter_map(|(name, field)| self.declaration(name, field, &below(spot, name, field))).collect()
    }

    fn declaration(&mut self, name: &Name, node: &Node, spot: &Spot) -> Option<ParameterDeclaration> {
        self.variable_name(&name.text, &spot_of_name(spot, name))?;
        self.fields(node, spot, PARAMETER, &[])?;
        let type_node = node.get("type")?;
        let type_spot = at(spot, "type", type_node);
        let type_name = self.text(type_node, &type_spot)?;
        let Some(parameter_type) = ParameterType::ALL.into_iter().find(|known| known.as_str() == type_name) else {
            let remedy = did_you_mean(&type_name, ParameterType::ALL.map(ParameterType::as_str), "types");
            self.report(&type_spot, format!("there is no type \"{type_name}\""), remedy);
            return None;
        };
        let required = node.get("required").and_then(|field| self.truth(field, &at(spot, "required", field)));
        let description = node.get("description").and_then(|field| self.text(field, &at(spot, "description", field)));
        let default = node.get("default").filter(|field| !field.is_null());
        let default = default.and_then(|field| self.default(field, parameter_type, &at(spot, "default", field)));
        if required == Some(true) && default.is_some() {
            let remedy = "leave out one of the two: a parameter with a default need not be given";
            self.report(spot, "the parameter is required and has a default", remedy);
        }
        Some(ParameterDeclaration {
            name: name.text.clone(),
            parameter_type,
            required: required.unwrap_or(false),
            default,
            description: description.unwrap_or_default(),
            place: spot.place.clone(),
        })
    }

    /// A default is checked as an input would be.
    fn default(&mut self, node: &Node, parameter_type: ParameterType, spot: &Spot) -> Option<Value> {
        let value = self.literal(node, spot)?;
        let converted = match &value {
            Value::List(_) | Value::Object(_) => crate::convert::to_type(&value, parameter_type),
            scalar => from_text(&scalar.to_string(), parameter_type),
        };
        match converted {
            Ok(value) => Some(value),
            Err(cause) => {
                self.report(spot, format!("the default {cause}"), "give a default of the parameter's type");
                None
            }
        }
    }

    /// The fields of a mapping, after those that are unknown or missing have been reported. `forms` are the fields
    /// proper, `also` further ones that are allowed.
    pub(crate) fn fields<'n>(
        &mut self,
        node: &'n Node,
        spot: &Spot,
        forms: &[Field],
        also: &[Field],
    ) -> Option<&'n [(Name, Node)]> {
        let fields = self.mapping(node, spot)?;
        let known = || forms.iter().chain(also);
        for (name, field) in fields {
            if !known().any(|form| form.name == name.text) {
                let remedy = did_you_mean(&name.text, known().map(|form| form.name), "words");
                let spot = spot_of_name(&below(spot, name, field), name);
                self.report(&spot, format!("the word \"{}\" has no meaning here", name.text), remedy);
            }
        }
        let mut complete = true;
        for form in known().filter(|form| form.required && node.get(form.name).is_none()) {
            self.report(spot, format!("\"{}:\" is missing", form.name), format!("add it. {}", form.help));
            complete = complete && form.name == "id";
        }
        complete.then_some(fields)
    }

    /// The fields of a mapping.
    pub(crate) fn mapping<'n>(&mut self, node: &'n Node, spot: &Spot) -> Option<&'n [(Name, Node)]> {
        match &node.kind {
            Kind::Mapping(fields) => Some(fields),
            _ => {
                let remedy = "write lines of the form \"name: value\" below it, indented by two spaces";
                self.report(spot, format!("names with values are needed here, not {}", node.kind()), remedy);
                None
            }
        }
    }

    /// A text; numbers count as the text they show.
    pub(crate) fn text(&mut self, node: &Node, spot: &Spot) -> Option<String> {
        match &node.kind {
            Kind::Scalar(value) if !node.is_null() => Some(value.to_string()),
            _ => {
                self.report(spot, format!("a text is needed here, not {}", node.kind()), "write a text");
                None
            }
        }
    }

    pub(crate) fn truth(&mut self, node: &Node, spot: &Spot) -> Option<bool> {
        match &node.kind {
            Kind::Scalar(Value::Boolean(value)) => Some(*value),
            _ => {
                self.report(spot, format!("true or false is needed here, not {}", node.kind()), "write true or false");
                None
            }
        }
    }

    /// A name for a variable.
    pub(crate) fn variable_name(&mut self, name: &str, spot: &Spot) -> Option<String> {
        match why_not_a_name(name) {
            None => Some(name.to_owned()),
            Some(cause) => {
                self.report(spot, cause, "choose another name");
                None
            }
        }
    }

    /// A condition, with or without `${…}` around it.
    pub(crate) fn condition(&mut self, node: &Node, spot: &Spot) -> Option<Expression> {
        let source = match &node.kind {
            Kind::Scalar(Value::Text(text)) => text.trim(),
            Kind::Scalar(Value::Boolean(true)) => "true",
            Kind::Scalar(Value::Boolean(false)) => "false",
            _ => {
                let remedy = "write an expression such as rows.size() > 0; in quotes when it begins with !, [ or {";
                self.report(spot, format!("a condition is needed here, not {}", node.kind()), remedy);
                return None;
            }
        };
        let inner = source.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(source);
        match Expression::parse(inner) {
            Ok(expression) => Some(Expression { position: Some((node.line, node.column)), ..expression }),
            Err(cause) => {
                self.report(spot, format!("\"{inner}\" is not an expression: {cause}"), "correct the expression");
                None
            }
        }
    }

    /// A value whose texts may hold expressions.
    pub(crate) fn template(&mut self, node: &Node, spot: &Spot) -> Option<Template> {
        match &node.kind {
            Kind::Scalar(Value::Text(text)) => match Template::parse(text) {
                Ok(template) => Some(template),
                Err(cause) => {
                    let remedy = "correct the expression between ${ and }; write $${ for a plain ${";
                    self.report(spot, cause, remedy);
                    None
                }
            },
            Kind::Scalar(value) => Some(Template::Literal(value.clone())),
            Kind::List(items) => {
                let items = items.iter().enumerate().map(|(place, item)| {
                    self.template(item, &spot.down(&(place + 1).to_string(), item.line, item.column))
                });
                Some(Template::List(items.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?))
            }
            Kind::Mapping(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| Some((name.text.clone(), self.template(field, &below(spot, name, field))?)));
                Some(Template::Object(fields.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?))
            }
        }
    }

    /// A value without expressions.
    fn literal(&mut self, node: &Node, spot: &Spot) -> Option<Value> {
        let template = self.template(node, spot)?;
        if !template.expressions().is_empty() {
            self.report(spot, "an expression has no meaning here", "write the value itself");
            return None;
        }
        template.fill(&NoVariables).ok()
    }

    /// Names of variables with values.
    pub(crate) fn named(&mut self, node: &Node, spot: &Spot) -> Vec<Named> {
        let Some(fields) = self.mapping(node, spot) else { return Vec::new() };
        let mut named = Vec::new();
        for (name, field) in fields {
            let spot = below(spot, name, field);
            let value = self.template(field, &spot);
            if let (Some(name), Some(value)) = (self.variable_name(&name.text, &spot_of_name(&spot, name)), value) {
                named.push(Named { name, value, place: spot.place });
            }
        }
        named
    }

    /// Names of parameters with values: any name will do.
    pub(crate) fn arguments(&mut self, node: &Node, spot: &Spot) -> Vec<Named> {
        let Some(fields) = self.mapping(node, spot) else { return Vec::new() };
        let mut arguments = Vec::new();
        for (name, field) in fields {
            let spot = below(spot, name, field);
            if let Some(value) = self.template(field, &spot) {
                arguments.push(Named { name: name.text.clone(), value, place: spot.place });
            }
        }
        arguments
    }
}

/// The field `name` of what stands at `spot`.
pub(crate) fn at(spot: &Spot, name: &str, node: &Node) -> Spot {
    spot.down(name, node.line, node.column)
}

/// The same for a name read from the document.
pub(crate) fn below(spot: &Spot, name: &Name, node: &Node) -> Spot {
    spot.down(&name.text, node.line, node.column)
}

fn spot_of_name(spot: &Spot, name: &Name) -> Spot {
    let mut spot = spot.clone();
    (spot.place.line, spot.place.column) = (name.line, name.column);
    spot
}

/// For values without expressions.
struct NoVariables;

impl crate::expression::Lookup for NoVariables {
    fn find(&self, _: &str) -> Option<&Value> {
        None
    }
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}
