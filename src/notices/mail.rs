//! Mail through lettre: a folder of `.eml` files by default, SMTP by configuration.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::outbox::MessageRow;
use crate::kernel::{Error, Result};

/// How long a relay may take over one message, from the connection on: the transport itself limits the connection only.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where mail goes.
pub enum Postman {
    /// Files in a folder.
    Folder {
        /// The folder.
        transport: AsyncFileTransport<Tokio1Executor>,
        /// Sender address.
        from: String,
    },
    /// An SMTP relay.
    Smtp {
        /// The relay.
        transport: AsyncSmtpTransport<Tokio1Executor>,
        /// Sender address.
        from: String,
    },
}

impl Postman {
    /// Writes `.eml` files to a folder.
    pub fn folder(folder: PathBuf, from: &str) -> Result<Self> {
        std::fs::create_dir_all(&folder).map_err(|e| Error::internal(format!("cannot create {}: {e}", folder.display())))?;
        Ok(Self::Folder { transport: AsyncFileTransport::new(folder), from: from.to_owned() })
    }

    /// Sends through a relay: `smtps://user@host:465` or `smtp://host:587?tls=required`; the password comes separately.
    pub fn smtp(url: &str, password: Option<String>, from: &str) -> Result<Self> {
        let fault = |e: &dyn std::fmt::Display| Error::internal(format!("mail.smtp_url: {e}"));
        let parsed = url::Url::parse(url).map_err(|e| fault(&e))?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|e| fault(&e))?;
        if let Some(password) = password {
            builder = builder.credentials(Credentials::new(parsed.username().to_owned(), password));
        }
        Ok(Self::Smtp { transport: builder.build(), from: from.to_owned() })
    }

    /// Delivers one message; the text of a failure goes to the outbox row. A relay that is silent for longer than [`PATIENCE`] has failed.
    pub async fn deliver(&self, message: &MessageRow) -> Result<(), String> {
        tokio::time::timeout(PATIENCE, self.hand_over(message)).await.map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))?
    }

    async fn hand_over(&self, message: &MessageRow) -> Result<(), String> {
        match self {
            Self::Folder { transport, from } => transport.send(letter(message, from)?).await.map(drop).map_err(|e| e.to_string()),
            Self::Smtp { transport, from } => transport.send(letter(message, from)?).await.map(drop).map_err(|e| e.to_string()),
        }
    }
}

fn letter(message: &MessageRow, from: &str) -> Result<Message, String> {
    Message::builder()
        .from(from.parse().map_err(|e| format!("sender: {e}"))?)
        .to(message.recipient.parse().map_err(|e| format!("recipient: {e}"))?)
        .message_id(Some(format!("<{}@baiyi>", message.id)))
        .subject(&message.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(message.body.clone())
        .map_err(|e| e.to_string())
}
