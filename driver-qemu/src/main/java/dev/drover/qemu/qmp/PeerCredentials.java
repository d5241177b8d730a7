package dev.drover.qemu.qmp;

/**
 * Who listens on the other side, as the kernel recorded it when the socket was opened for
 * listening. Proves that the process adopted by pid is the one that answers.
 *
 * @param pid process id
 * @param uid user id
 * @param gid group id
 */
public record PeerCredentials(long pid, long uid, long gid) {}
