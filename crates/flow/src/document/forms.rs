//! Every word a flow document may say, as one table: the reader refuses what is not in it, and the JSON schema is
//! written from it, so that the two cannot drift apart.

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A plain text.
    Text,
    /// A text that may hold `${…}`.
    Template,
    /// Any value whose texts may hold `${…}`.
    Value,
    /// A value without expressions.
    Literal,
    /// An expression that comes to true or false.
    Condition,
    /// The id of a step.
    Id,
    /// The name of a variable.
    Variable,
    /// The name of an action.
    Action,
    /// A flow document of the package.
    File,
    /// Steps.
    Steps,
    /// Names with values that may hold `${…}`.
    Values,
    /// A whole number from 1.
    Count,
    /// A number of seconds, or `${…}`.
    Seconds,
    /// Yes or no.
    Truth,
    /// Error codes: one, or a list.
    Codes,
    /// Names of branches with their steps.
    Branches,
    /// The type of a parameter.
    ParameterType,
    /// Names with declarations of parameters.
    Declarations,
    /// Nothing, or `true`.
    Nothing,
    /// Nothing, or names with values that may hold `${…}`.
    OptionalValues,
    /// `in:` and `out:`.
    Parameters,
    /// A list of `if:` and `then:`.
    ElseIfs,
    /// One catch, or a list of them.
    Catches,
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    pub(crate) help: &'static str,
}

const fn needs(name: &'static str, shape: Shape, help: &'static str) -> Field {
    Field { name, shape, required: true, help }
}

const fn may(name: &'static str, shape: Shape, help: &'static str) -> Field {
    Field { name, shape, required: false, help }
}

/// The document itself.
pub(crate) const DOCUMENT: &[Field] = &[
    needs("flow", Shape::Text, "The flow's name."),
    may("description", Shape::Text, "What the flow does."),
    may("parameters", Shape::Parameters, "What the flow takes and gives."),
    may("variables", Shape::Values, "The variables of the flow with their first values."),
    needs("steps", Shape::Steps, "What the flow does, step by step."),
];

/// `parameters:`
pub(crate) const PARAMETERS: &[Field] = &[
    may("in", Shape::Declarations, "What the flow takes."),
    may("out", Shape::Declarations, "What the flow gives: variables whose values at the end are handed out."),
];

/// One parameter.
pub(crate) const PARAMETER: &[Field] = &[
    needs("type", Shape::ParameterType, "The type of the parameter."),
    may("required", Shape::Truth, "Whether it must be given."),
    may("default", Shape::Literal, "What it is when it is not given."),
    may("description", Shape::Text, "What it is for."),
];

/// What every step may say.
pub(crate) const ANY_STEP: &[Field] = &[
    needs("id", Shape::Id, "The step's own name: unique in the document, and never changed when steps are moved."),
    may("title", Shape::Text, "What a person calls the step."),
    may("when", Shape::Condition, "The step is left out unless this holds."),
];

/// The kinds of steps: the first field is the word that tells the kind.
pub(crate) const STEPS: &[&[Field]] = &[
    &[
        needs("do", Shape::Action, "Runs an action."),
        may("with", Shape::Values, "The action's parameters."),
        may("save", Shape::Variable, "The variable that takes the result."),
    ],
    &[needs("set", Shape::Values, "Gives variables new values, one after the other.")],
    &[needs("append", Shape::Values, "Puts a value at the end of the list in each of these variables.")],
    &[
        needs("if", Shape::Condition, "Chooses: the steps of the first condition that holds are run."),
        needs("then", Shape::Steps, "The steps for the case that it holds."),
        may("elseIf", Shape::ElseIfs, "Further conditions with their steps."),
        may("else", Shape::Steps, "The steps for the case that nothing holds."),
    ],
    &[
        needs("forEach", Shape::Variable, "Runs steps for every item of a list: the name of the item."),
        needs("in", Shape::Value, "The list."),
        may("index", Shape::Variable, "The name of the item's place, counted from 0."),
        needs("steps", Shape::Steps, "The steps for each item."),
    ],
    &[
        needs("while", Shape::Condition, "Runs steps again and again as long as this holds."),
        may(
            "atMost",
            Shape::Count,
            "The flow fails when the steps have been run this often and it still holds: 1000 unless said.",
        ),
        needs("steps", Shape::Steps, "The steps to repeat."),
    ],
    &[
        needs("try", Shape::Steps, "Runs steps whose errors are dealt with here."),
        may("catch", Shape::Catches, "What to do after an error."),
        may("finally", Shape::Steps, "Steps that are run in any case, even when the run is cancelled."),
    ],
    &[needs(
        "parallel",
        Shape::Branches,
        "Runs several groups of steps at the same time; the first error stops the others.",
    )],
    &[
        needs("retry", Shape::Count, "Runs steps, and after an error up to this many times again."),
        may("waitSeconds", Shape::Seconds, "How long to wait before each repetition: 0 unless said."),
        may("on", Shape::Codes, "Only errors with these codes are tried again."),
        may("repeatIrreversible", Shape::Truth, "Allows actions inside whose effect cannot be undone."),
        needs("steps", Shape::Steps, "The steps to try."),
    ],
    &[
        needs("run", Shape::File, "Runs another flow of the package."),
        may("with", Shape::Values, "Its in-parameters."),
        may("save", Shape::Variable, "The variable that takes its out-parameters, as an object."),
    ],
    &[
        needs("assert", Shape::Condition, "Fails with the code \"assertionFailed\" unless this holds."),
        may("message", Shape::Template, "What the error says."),
    ],
    &[
        needs("fail", Shape::Template, "Ends in an error that says this."),
        may("code", Shape::Template, "The error's code: \"failed\" unless said."),
    ],
    &[needs("return", Shape::OptionalValues, "Ends the flow well; out-parameters may be given their values here.")],
    &[needs("break", Shape::Nothing, "Leaves the innermost loop.")],
    &[needs("continue", Shape::Nothing, "Goes on with the next round of the innermost loop.")],
];

/// One further condition of an `if`.
pub(crate) const ELSE_IF: &[Field] = &[
    needs("if", Shape::Condition, "The condition."),
    needs("then", Shape::Steps, "The steps for the case that it holds."),
];

/// One `catch`.
pub(crate) const CATCH: &[Field] = &[
    may("on", Shape::Codes, "Only errors with these codes are caught here; all unless said."),
    may(
        "as",
        Shape::Variable,
        "The name of the error in these steps, with the fields code, message and step: \"error\" unless said.",
    ),
    needs("steps", Shape::Steps, "What to do."),
];
