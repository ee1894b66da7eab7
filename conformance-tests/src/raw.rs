//! A TCP line between a client and a server that can be cut, connection by connection: what an
//! HTTP mock cannot do.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What happens to one connection.
#[derive(Clone, Copy, Debug)]
pub enum Script {
    /// It is closed as soon as it is there; nothing reaches the server.
    HangUp,
    /// A request is heard, and the connection reset without an answer; nothing reaches the server.
    Reset,
    /// These bytes answer the request, whatever it was; nothing reaches the server.
    Say(&'static [u8]),
    /// The request is served, and this much of the answer gets through before the line is cut.
    /// HTTP/1.1 only.
    Cut(Cut),
}

/// How much of an answer gets through.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// Nothing.
    All,
    /// Half of the status line.
    StatusLine,
    /// The head and no body.
    Body,
    /// The head and half of the body.
    HalfBody,
}

/// A line to a server. It is taken down when it is dropped.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Line {
    /// Starts a line on a free port of 127.0.0.1. The first connections meet the scripts, one
    /// each; all others are passed through.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(server: SocketAddr, scripts: impl IntoIterator<Item = Script>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let scripts = Arc::new(Mutex::new(scripts.into_iter().collect::<VecDeque<_>>()));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let script = scripts.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                // An error here is a line that broke, which is what lines like this are for.
                tokio::spawn(async move { serve(client, server, script).await.ok() });
            }
        });
        Ok(Self { address, task })
    }

    /// `http://127.0.0.1:PORT`, no slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A URL at which nobody listens.
///
/// # Errors
/// When there is no free port.
pub async fn nobody() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(format!("http://{}", listener.local_addr()?))
}

async fn serve(mut client: TcpStream, server: SocketAddr, script: Option<Script>) -> io::Result<()> {
    match script {
        None => {
            let mut server = TcpStream::connect(server).await?;
            copy_bidirectional(&mut client, &mut server).await?;
        }
        Some(Script::HangUp) => {}
        Some(Script::Reset) => {
            client.read_u8().await?;
            client.set_zero_linger()?;
        }
        Some(Script::Say(bytes)) => {
            message(&mut client).await?;
            client.write_all(bytes).await?;
            client.shutdown().await?;
        }
        Some(Script::Cut(cut)) => {
            let (head, body) = message(&mut client).await?;
            let mut server = TcpStream::connect(server).await?;
            server.write_all(&head).await?;
            server.write_all(&body).await?;
            let (head, body) = message(&mut server).await?;
            let half = |bytes: &[u8], whole: usize| bytes.get(..whole / 2).unwrap_or_default().to_vec();
            let line = head.iter().position(|byte| *byte == b'\r').unwrap_or(0);
            let through = match cut {
                Cut::All => Vec::new(),
                Cut::StatusLine => half(&head, line),
                Cut::Body => head,
                Cut::HalfBody => [head, half(&body, body.len())].concat(),
            };
            client.write_all(&through).await?;
            client.shutdown().await?;
        }
    }
    Ok(())
}

/// Head and body of one message of HTTP/1.1 with a `Content-Length`.
async fn message(from: &mut TcpStream) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(from.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    from.read_exact(&mut body).await?;
    Ok((head, body))
}
