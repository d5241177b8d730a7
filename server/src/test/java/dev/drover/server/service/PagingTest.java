package dev.drover.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.server.service.Paging.Page;
import dev.drover.server.service.Paging.Place;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainFilter;
import dev.drover.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R20: pages that neither lose nor repeat. */
class PagingTest {

  private static final DomainFilter ANY = DomainFilter.getDefaultInstance();

  private static Page<String> page(List<String> all, int size, String token) {
    return Paging.page(all, name -> new Place(0, name), ANY, size, token);
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> String.format("%05d", i)).toList();
  }

  @Test
  void pagesFollowEachOtherToTheEnd() {
    List<String> got = new ArrayList<>();
    String token = "";
    do {
      Page<String> page = page(names(7).reversed(), 3, token);
      got.addAll(page.items());
      token = page.next();
    } while (!token.isEmpty());
    assertThat(got).isEqualTo(names(7));
  }

  @Test
  void objectsThatComeAndGoMeanwhileDisturbNothing() {
    Page<String> first = page(List.of("b", "d", "f"), 2, "");
    Page<String> second = page(List.of("a", "d", "e", "f"), 2, first.next());
    assertThat(second.items()).containsExactly("e", "f");
  }

  @Test
  void sizesHaveADefaultAndAMost() {
    assertThat(page(names(1500), 0, "").items()).hasSize(100);
    assertThat(page(names(1500), 100_000, "").items()).hasSize(1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "!!", "AAAA"})
  void tokensThatWereNotGivenAreRefused(String token) {
    assertThatThrownBy(() -> page(names(5), 2, token))
        .isInstanceOfSatisfying(
            DriverException.class,
            failure ->
                assertThat(failure.reason())
                    .isEqualTo(ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID));
  }

  @Test
  void aTokenIsGoodForItsOwnFilterAlone() {
    String token = page(names(5), 2, "").next();
    DomainFilter other = DomainFilter.newBuilder().setNameGlob("0*").build();
    assertThatThrownBy(() -> Paging.page(names(5), name -> new Place(0, name), other, 2, token))
        .isInstanceOf(DriverException.class);
  }
}
