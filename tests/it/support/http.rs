//! A small HTTP client that reads like a story.

use serde_json::Value;

/// Calls as one person, or as the public.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    pub token: Option<String>,
}

/// A call being prepared.
pub struct Call {
    request: reqwest::RequestBuilder,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Client {
    pub fn new(http: reqwest::Client, base: String, token: Option<String>) -> Self {
        Self { http, base, token }
    }

    /// The same client with a token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn call(&self, method: &str, path: &str) -> Call {
        let path = if path.starts_with("/api/") || !path.starts_with("/v/") { path.to_owned() } else { format!("/api/v1{}", &path[2..]) };
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Call { request }
    }

    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    pub fn patch(&self, path: &str) -> Call {
        self.call("PATCH", path)
    }
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    pub fn body(mut self, media_type: &str, bytes: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", media_type).body(bytes);
        self
    }

    pub async fn json(mut self, body: Value) -> Answer {
        self.request = self.request.json(&body);
        self.send().await
    }

    /// The body alone, of an answer that may break off.
    pub async fn bytes(self) -> reqwest::Result<Vec<u8>> {
        let answer = self.request.send().await?.error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }

    pub async fn send(self) -> Answer {
        let response = self.request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}

impl Answer {
    /// The JSON body.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// A field of the JSON body as text.
    pub fn text_at(&self, pointer: &str) -> String {
        match self.value().pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => panic!("no {pointer} in {}", self.text),
        }
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    pub fn etag(&self) -> String {
        let tag = self.header("etag");
        assert!(!tag.is_empty(), "no ETag in {self:?}");
        tag
    }

    /// Expects a status; gives the answer on.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Expects a problem document of that status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert_eq!(self.text_at("/code"), code, "{}", self.text);
        assert_eq!(self.text_at("/type"), format!("/problems/{code}"));
        self
    }

    /// The pointers of the bad fields.
    pub fn bad_fields(&self) -> Vec<String> {
        self.value()["errors"]
            .as_array()
            .map(|list| list.iter().map(|e| e["pointer"].as_str().unwrap().to_owned()).collect())
            .unwrap_or_default()
    }
}

impl Client {
    /// [`Client::act`] with a path of its own.
    pub async fn act_owned(&self, path: String, body: Value) -> Answer {
        self.act(&path, body).await
    }

    /// Reads the parent of an action for its ETag and takes the action, as a careful client does.
    pub async fn act(&self, path: &str, body: Value) -> Answer {
        let parent = path.rsplit_once('/').expect("an action has a parent").0;
        let etag = self.get(parent).send().await.is(200).etag();
        self.post(path).if_match(&etag).json(body).await
    }
}
