//! The typed table: one line per operation gives its route, its permission, its checks, its place in the OpenAPI document
//! and its generated tests. The types come from the function; nothing is said twice.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, LazyLock},
};

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request},
    http::{Method, StatusCode, request::Parts},
    response::Response,
    routing::{MethodFilter, MethodRouter, any, on},
};
use baigong_model::{Error, Permission, Result};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Answer, Dialect, Failure, MAX_UPLOAD_BYTES, Shape, Upload, serve};

/// How a type's schema is asked for.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;
/// How a shape is worked out.
pub type ShapeOf = Box<dyn FnOnce() -> Shape + Send>;
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The answer, or the question, that says nothing: `{}`.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
pub struct Nothing {}

/// Where a request came from: all that is known of a caller who need not say who they are.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The address of the other end; `None` where the server was not told (`into_make_service_with_connect_info`).
    pub address: Option<IpAddr>,
}

impl Origin {
    /// Where this request came from.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        Self { address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|it| it.ip().to_canonical()) }
    }
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone, without saying who they are.
    Open,
    /// Every caller that is known.
    Known,
    /// Callers that hold the permission.
    With(Permission),
}

impl From<Permission> for Access {
    fn from(permission: Permission) -> Self {
        Self::With(permission)
    }
}

/// What a function gets, before its types are known.
pub(crate) struct Call<D: Dialect> {
    pub(crate) context: D::Context,
    pub(crate) origin: Origin,
    /// Present in every operation that is not [`Access::Open`].
    pub(crate) caller: Option<D::Caller>,
    pub(crate) body: Value,
    /// Present in every operation that takes a file, unless it may be left out.
    pub(crate) upload: Option<Upload>,
}

type Typed<D> = Box<dyn Fn(Call<D>) -> Boxed<Result<Given>> + Send + Sync>;
type Raw<D> = Box<
    dyn Fn(<D as Dialect>::Context, Option<<D as Dialect>::Caller>, Request) -> Boxed<Result<Response>> + Send + Sync,
>;

/// What an operation gives: something to be put into the dialect's envelope, or a file as it is.
pub(crate) enum Given {
    Data(Box<dyn Answer>),
    File(Response),
}

/// What an operation does, its types erased: so that everything around it is compiled once per dialect.
pub(crate) enum Run<D: Dialect> {
    Typed(Typed<D>),
    Raw(Raw<D>),
}

/// One line of a table.
pub struct Operation<D: Dialect> {
    /// Its method.
    pub method: Method,
    /// Its path as axum writes it.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// The clause of the document that asks for it; "" where none does.
    pub clause: &'static str,
    /// The status of its success.
    pub status: StatusCode,
    /// The name of the file it takes, if it takes one (multipart).
    pub file: Option<&'static str>,
    /// Whether the file may be left out.
    pub file_is_optional: bool,
    /// What its body must look like. Worked out at the first call: hundreds of operations at every start would be memory and
    /// time for nothing.
    pub shape: LazyLock<Shape, ShapeOf>,
    pub(crate) request: Option<SchemaOf>,
    pub(crate) response: Option<SchemaOf>,
    pub(crate) run: Run<D>,
}

/// The operations of one dialect.
pub struct Table<D: Dialect> {
    operations: Vec<Operation<D>>,
}

impl<D: Dialect> Default for Table<D> {
    fn default() -> Self {
        Self { operations: Vec::new() }
    }
}

impl<D: Dialect> Table<D> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A POST with a JSON body.
    #[must_use]
    pub fn post<B, A, F, Fut>(self, path: &'static str, access: impl Into<Access>, summary: &'static str, f: F) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: Serialize + JsonSchema + Send + 'static,
        F: Fn(D::Context, D::Caller, B) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A>> + Send + 'static,
    {
        let run = typed(move |call: Call<D>| {
            Ok(f(call.context, call.caller.ok_or(Error::Unauthenticated)?, read(call.body)?))
        });
        self.typed::<B, A>(path, access.into(), summary, None, run)
    }

    /// A GET: what it asks stands in the path and the query.
    #[must_use]
    pub fn get<B, A, F, Fut>(self, path: &'static str, access: impl Into<Access>, summary: &'static str, f: F) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: Serialize + JsonSchema + Send + 'static,
        F: Fn(D::Context, D::Caller, B) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A>> + Send + 'static,
    {
        self.post(path, access, summary, f).by(Method::GET)
    }

    /// A PUT: what it asks stands in the path and in a JSON body.
    #[must_use]
    pub fn put<B, A, F, Fut>(self, path: &'static str, access: impl Into<Access>, summary: &'static str, f: F) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: Serialize + JsonSchema + Send + 'static,
        F: Fn(D::Context, D::Caller, B) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A>> + Send + 'static,
    {
        self.post(path, access, summary, f).by(Method::PUT)
    }

    /// A DELETE: what it asks stands in the path, in the query or in a JSON body.
    #[must_use]
    pub fn delete<B, A, F, Fut>(
        self,
        path: &'static str,
        access: impl Into<Access>,
        summary: &'static str,
        f: F,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: Serialize + JsonSchema + Send + 'static,
        F: Fn(D::Context, D::Caller, B) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A>> + Send + 'static,
    {
        self.post(path, access, summary, f).by(Method::DELETE)
    }

    /// A POST with a JSON body that is open to all.
    #[must_use]
    pub fn public<B, A, F, Fut>(self, path: &'static str, summary: &'static str, f: F) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: Serialize + JsonSchema + Send + 'static,
        F: Fn(D::Context, Origin, B) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A>> + Send + 'static,
    {
        let run = typed(move |call: Call<D>| Ok(f(call.context, call.origin, read(call.body)?)));
        self.typed::<B, A>(path, Access::Open, summary, None, run)
    }

    /// A POST with a multipart body: `file` names the file among its parts, the other parts make up `B`.
    #[must_use]
    pub fn multipart<B, A, F, Fut>(
        self,
        path: &'static str,
        access: impl Into<Access>,
        summary: &'static str,
        file: &'static str,
        f: F,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: Serialize + JsonSchema + Send + 'static,
        F: Fn(D::Context, D::Caller, B, Upload) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A>> + Send + 'static,
    {
        let run = typed(move |call: Call<D>| {
            let upload = call.upload.ok_or_else(|| Error::invalid(file, "a file is required"))?;
            Ok(f(call.context, call.caller.ok_or(Error::Unauthenticated)?, read(call.body)?, upload))
        });
        self.typed::<B, A>(path, access.into(), summary, Some(file), run)
    }

    /// The same where the file may be left out.
    #[must_use]
    pub fn multipart_without<B, A, F, Fut>(
        self,
        path: &'static str,
        access: impl Into<Access>,
        summary: &'static str,
        file: &'static str,
        f: F,
    ) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        A: Serialize + JsonSchema + Send + 'static,
        F: Fn(D::Context, D::Caller, B, Option<Upload>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A>> + Send + 'static,
    {
        let run = typed(move |call: Call<D>| {
            Ok(f(call.context, call.caller.ok_or(Error::Unauthenticated)?, read(call.body)?, call.upload))
        });
        let mut table = self.typed::<B, A>(path, access.into(), summary, Some(file), run);
        table.operations.iter_mut().last().into_iter().for_each(|last| last.file_is_optional = true);
        table
    }

    /// A POST with a JSON body whose answer is a file, without the dialect's envelope.
    #[must_use]
    pub fn file<B, F, Fut>(self, path: &'static str, access: impl Into<Access>, summary: &'static str, f: F) -> Self
    where
        B: DeserializeOwned + JsonSchema + Send + 'static,
        F: Fn(D::Context, D::Caller, B) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response>> + Send + 'static,
    {
        let run: Typed<D> = Box::new(move |call: Call<D>| {
            let future =
                call.caller.ok_or(Error::Unauthenticated).and_then(|it| Ok(f(call.context, it, read(call.body)?)));
            Box::pin(async move { future?.await.map(Given::File) })
        });
        let mut table = self.typed::<B, Nothing>(path, access.into(), summary, None, Run::Typed(run));
        table.operations.iter_mut().last().into_iter().for_each(|last| last.response = None);
        table
    }

    /// Anything else: downloads by address, WebSockets. The function gets the request as it came; the caller is `None` only where
    /// the operation is [`Access::Open`].
    #[must_use]
    pub fn raw<F, Fut>(
        mut self,
        method: Method,
        path: &'static str,
        access: impl Into<Access>,
        summary: &'static str,
        f: F,
    ) -> Self
    where
        F: Fn(D::Context, Option<D::Caller>, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response>> + Send + 'static,
    {
        let run = Run::Raw(Box::new(move |context, caller, request| Box::pin(f(context, caller, request))));
        self.operations.push(Operation {
            method,
            path,
            access: access.into(),
            summary,
            clause: "",
            status: StatusCode::OK,
            file: None,
            file_is_optional: false,
            shape: LazyLock::new(Box::new(|| Shape::Any)),
            request: None,
            response: None,
            run,
        });
        self
    }

    fn typed<B: JsonSchema, A: JsonSchema>(
        mut self,
        path: &'static str,
        access: Access,
        summary: &'static str,
        file: Option<&'static str>,
        run: Run<D>,
    ) -> Self {
        let (request, response): (SchemaOf, SchemaOf) =
            (SchemaGenerator::subschema_for::<B>, SchemaGenerator::subschema_for::<A>);
        self.operations.push(Operation {
            method: Method::POST,
            path,
            access,
            summary,
            clause: "",
            status: StatusCode::OK,
            file,
            file_is_optional: false,
            shape: LazyLock::new(Box::new(move || Shape::of(request))),
            request: Some(request),
            response: Some(response),
            run,
        });
        self
    }

    /// The last operation is asked for by another method than POST.
    #[must_use]
    pub fn by(mut self, method: Method) -> Self {
        if let Some(last) = self.operations.last_mut() {
            last.method = method;
        }
        self
    }

    /// The last operation answers 201: it creates something.
    #[must_use]
    pub fn created(mut self) -> Self {
        self.operations.iter_mut().last().into_iter().for_each(|last| last.status = StatusCode::CREATED);
        self
    }

    /// The last operation is asked for by this clause of the document.
    #[must_use]
    pub fn clause(mut self, clause: &'static str) -> Self {
        self.operations.iter_mut().last().into_iter().for_each(|last| last.clause = clause);
        self
    }

    /// Appends the lines of another table.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        self
    }

    /// Its lines, in order.
    pub fn operations(&self) -> impl Iterator<Item = &Operation<D>> {
        self.operations.iter()
    }

    /// The routes that serve it over `context`.
    pub fn router(self, context: &D::Context) -> Router {
        let mut router = Router::new();
        for operation in self.operations {
            let (path, takes_file) = (operation.path, operation.file.is_some());
            let filter = MethodFilter::try_from(operation.method.clone()).unwrap_or(MethodFilter::POST);
            let (operation, context) = (Arc::new(operation), context.clone());
            let handler = move |request: Request| serve::serve(Arc::clone(&operation), context.clone(), request);
            let route: MethodRouter = on(filter, handler);
            let limit = DefaultBodyLimit::max(MAX_UPLOAD_BYTES);
            router = router.route(path, if takes_file { route.layer(limit) } else { route });
        }
        let prefixes = D::OTHER_PREFIXES.iter().chain([&D::PREFIX]);
        let router = router.method_not_allowed_fallback(async || D::err(&Failure::WrongMethod));
        prefixes.fold(router, |router, prefix| {
            router.route(&format!("{prefix}/{{*rest}}"), any(async || D::err(&Failure::NoSuchOperation)))
        })
    }
}

/// The thin generic shell: all that is compiled for every operation anew.
fn typed<D, A, Fut>(f: impl Fn(Call<D>) -> Result<Fut> + Send + Sync + 'static) -> Run<D>
where
    D: Dialect,
    A: Answer + 'static,
    Fut: Future<Output = Result<A>> + Send + 'static,
{
    Run::Typed(Box::new(move |call| {
        let future = f(call);
        Box::pin(async move { future?.await.map(|answer| Given::Data(Box::new(answer))) })
    }))
}

/// The shape has been checked, so that only what a schema cannot say is left to go wrong.
fn read<B: DeserializeOwned>(body: Value) -> Result<B> {
    serde_json::from_value(body).map_err(|error| Error::invalid("body", error.to_string()))
}
