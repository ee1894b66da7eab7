//! One process a database: two that send from one outbox would send everything twice.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Takes the lock of a database, on a file beside it, for as long as that is open. The system lets go of it
/// when the process ends, however it ends.
pub(super) fn take(database: &Path) -> Result<File, String> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let problem = |words: String| format!("{}: {words}", path.display());
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| problem(error.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let words = "another process serves this database already: stop that one first, or name another `database`";
            Err(format!("{}: {words}", database.display()))
        }
        Err(TryLockError::Error(error)) => Err(problem(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_one_holders_until_they_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("omnipush.db");
        let held = take(&path).unwrap();
        let refused = take(&path).unwrap_err();
        assert!(refused.contains("omnipush.db: another process serves this database"), "{refused}");
        assert!(take(&folder.path().join("other.db")).is_ok());
        drop(held);
        assert!(take(&path).is_ok());
        let nowhere = take(&folder.path().join("no/such/folder.db")).unwrap_err();
        assert!(nowhere.contains("folder.db.lock: No such file"), "{nowhere}");
    }
}
