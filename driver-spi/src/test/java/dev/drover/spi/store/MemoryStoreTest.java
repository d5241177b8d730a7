package dev.drover.spi.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class MemoryStoreTest {

  private final MemoryStore store = new MemoryStore();

  @Test
  void recordsAreListedByKey() {
    store.transact(
        transaction -> {
          transaction.put("c", "b", text("2"));
          transaction.put("c", "a", text("1"));
          transaction.put("d", "a", text("3"));
        });
    assertThat(store.list("c"))
        .containsExactly(new StoreRecord("a", text("1")), new StoreRecord("b", text("2")));
    assertThat(store.read("d", "a")).contains(text("3"));
    assertThat(store.read("d", "b")).isEmpty();
    assertThat(store.list("e")).isEmpty();
  }

  @Test
  void laterChangeOfATransactionWins() {
    store.transact(transaction -> transaction.put("c", "a", text("1")));
    store.transact(
        transaction -> {
          transaction.delete("c", "a");
          transaction.put("c", "a", text("2"));
          transaction.put("c", "b", text("3"));
          transaction.delete("c", "b");
          transaction.delete("c", "never");
        });
    assertThat(store.list("c")).containsExactly(new StoreRecord("a", text("2")));
  }

  @Test
  void transactionThatFailsLeavesNothing() {
    assertThatThrownBy(
            () ->
                store.transact(
                    transaction -> {
                      transaction.put("c", "a", text("1"));
                      throw new IllegalStateException("stop");
                    }))
        .hasMessage("stop");
    assertThat(store.list("c")).isEmpty();
  }

  private static ByteString text(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
