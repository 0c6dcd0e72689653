//! Serves a folder by the S3 protocol on one address, to whoever signs with the one pair of keys. `s3s-fs` does it; its own
//! program is not used because it takes the keys as arguments, which every user of a machine can read.

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use std::error::Error;
use std::process::ExitCode;
use std::{env, fs};
use tokio::net::TcpListener;

const USAGE: &str =
    "usage: s3-server ADDRESS:PORT FOLDER BUCKET, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment";

async fn serve() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [address, folder, bucket] = words.as_slice() else { return Err(USAGE.into()) };
    let key = |name: &str| env::var(name).map_err(|_| format!("{name} is not set; {USAGE}"));
    fs::create_dir_all(format!("{folder}/{bucket}"))?;
    let mut builder = S3ServiceBuilder::new(FileSystem::new(folder).map_err(|error| format!("{folder}: {error:?}"))?);
    builder.set_auth(SimpleAuth::from_single(key("AWS_ACCESS_KEY_ID")?, key("AWS_SECRET_ACCESS_KEY")?));
    let service = builder.build().into_shared();
    let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    let http = Builder::new(TokioExecutor::new());
    loop {
        let (socket, _) = listener.accept().await?;
        // Without this the last piece of a response waits for the peer's delayed acknowledgement.
        socket.set_nodelay(true)?;
        let connection = http.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
}

fn main() -> ExitCode {
    // One thread: this program shares a core with those who watch.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(Box::from).and_then(|runtime| runtime.block_on(serve())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("s3-server: {error}");
            ExitCode::from(2)
        }
    }
}
