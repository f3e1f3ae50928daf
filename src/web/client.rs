//! The client's address: the peer, or what a trusted proxy forwards.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

/// Walks `X-Forwarded-For` from the right past trusted proxies; anything an untrusted peer claims is ignored.
pub fn address(request: &HttpRequest, trusted: &[IpAddr]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok()).unwrap_or("");
    forwarded.rsplit(',').map_while(|hop| hop.trim().parse::<IpAddr>().ok()).find(|hop| !trusted.contains(hop)).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn seen(peer: &str, forwarded: &str) -> String {
        let request = TestRequest::default()
            .peer_addr(format!("{peer}:1").parse().unwrap())
            .insert_header(("x-forwarded-for", forwarded))
            .to_http_request();
        address(&request, &["10.0.0.1".parse().unwrap()]).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_for_the_last_foreign_hop() {
        assert_eq!(seen("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.1"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "nonsense"), "10.0.0.1");
    }
}
