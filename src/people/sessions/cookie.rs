//! The refresh token of a browser: in a cookie that no script reads and no other site sends, and that serves only where the page itself asks.

use actix_web::http::header::{COOKIE, HOST, HeaderName, HeaderValue, ORIGIN, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};

use crate::kernel::error::problems;
use crate::kernel::{Error, Result};
use crate::people::tokens::REFRESH_SECONDS;

problems! {
    /// The cookie came without the page's own origin.
    FOREIGN_ORIGIN = "foreign_origin", 403, "请求来源不符", "The request comes from elsewhere",
        "以 Cookie 携带的刷新令牌只接受同源页面的请求（Origin 与 Host 一致且为 https）。请从本平台的页面重试，或在请求体中提交刷新令牌。",
        "A refresh token in the cookie serves only a page of this very site: Origin must be https and name the same host. Try again from there, or send the token in the body.";
}

/// The cookie's name; its prefix has a browser keep it to this host, to https and to the whole site.
pub const NAME: &str = "__Host-baiyi-refresh";

fn put(response: &mut HttpResponse, value: &str, seconds: i64) -> Result<()> {
    let cookie = format!("{NAME}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict");
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Error::internal("a refresh token that is no cookie"))?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(())
}

/// Hands a refresh token to the browser.
pub fn keep(response: &mut HttpResponse, token: &str) -> Result<()> {
    put(response, token, REFRESH_SECONDS)
}

/// Has the browser forget it, where it sent one.
pub fn clear(request: &HttpRequest, response: &mut HttpResponse) -> Result<()> {
    if named(request).is_some() { put(response, "", 0) } else { Ok(()) }
}

fn named(request: &HttpRequest) -> Option<&str> {
    let cookies = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))
}

/// The refresh token of the request's cookie; `None` when there is none. Refused without the page's own origin, which a browser sends and a page
/// elsewhere cannot forge.
pub fn read(request: &HttpRequest) -> Result<Option<String>> {
    let Some(token) = named(request) else { return Ok(None) };
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST).filter(|host| !host.is_empty());
    let own = match (text(ORIGIN).and_then(|origin| origin.strip_prefix("https://")), host) {
        (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    };
    if own { Ok(Some(token.to_owned())) } else { Err(FOREIGN_ORIGIN.error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn asked(origin: Option<&str>, cookie: &str) -> std::result::Result<Option<String>, &'static str> {
        let mut request = TestRequest::default().insert_header(("host", "Baiyi.example:8443")).insert_header(("cookie", cookie));
        if let Some(origin) = origin {
            request = request.insert_header(("origin", origin));
        }
        read(&request.to_http_request()).map_err(|error| error.code())
    }

    #[test]
    fn the_cookie_serves_the_page_of_the_same_host_over_https_only() {
        let cookie = "theme=dark; __Host-baiyi-refresh=abc; x=1";
        assert_eq!(asked(Some("https://baiyi.example:8443"), cookie), Ok(Some("abc".to_owned())));
        for foreign in [
            None,
            Some("null"),
            Some(""),
            Some("http://baiyi.example:8443"),
            Some("https://baiyi.example"),
            Some("https://baiyi.example:8443.evil.example"),
            Some("https://evil.example"),
        ] {
            assert_eq!(asked(foreign, cookie), Err("foreign_origin"), "{foreign:?}");
        }
        // Without the cookie nothing is asked of the origin; another cookie's name is not taken for it.
        for none in ["theme=dark", "x__Host-baiyi-refresh=abc", "__Host-baiyi-refresh2=abc"] {
            assert_eq!(asked(None, none), Ok(None), "{none}");
        }
    }
}
