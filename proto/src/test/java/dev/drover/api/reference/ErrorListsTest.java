package dev.drover.api.reference;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.drover.api.ApiDescriptors;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which call raises what, as the lists in the comments of the API say it. */
class ErrorListsTest {

  private static final Contract CONTRACT = Contract.of(ApiDescriptors.compiled());

  @Test
  void aCallRaisesWhatItsListNames() {
    assertThat(raisedBy("StartDomain")).contains("DOMAIN_ALREADY_RUNNING");
  }

  @Test
  void aCallRaisesWhatTheListsItNamesName() {
    assertThat(raisedBy("CreateDomain")).contains("DOMAIN_SPEC_INVALID", "HYPERVISOR_START_FAILED");
    assertThat(raisedBy("BlockRebase")).contains("SHALLOW_COPY_INTO_RAW", "IMAGE_NOT_IN_CHAIN");
  }

  @Test
  void whatHoldsForCallsThatChangeSomethingHoldsForThoseAlone() {
    assertThat(raisedBy("StartDomain")).contains("READ_ONLY_CONNECTION");
    assertThat(raisedBy("GetDomain"))
        .contains("PERMISSION_DENIED")
        .doesNotContain("READ_ONLY_CONNECTION");
  }

  @Test
  void whatHoldsForCallsThatStartJobsHoldsForThoseAlone() {
    assertThat(raisedBy("BlockPull")).contains("OUT_OF_RANGE");
    assertThat(raisedBy("ListDisks")).contains("DISK_NOT_FOUND").doesNotContain("OUT_OF_RANGE");
  }

  @Test
  void whatExplainsAnErrorIsNone() {
    assertThat(raisedBy("BlockCopy")).doesNotContain("JOB_KIND_INVALID");
    assertThat(raisedBy("DefineDomain")).doesNotContain("JOB_NOT_FOUND");
  }

  private static Set<String> raisedBy(String name) {
    MethodDescriptor method =
        CONTRACT
            .api()
            .methods()
            .filter(one -> one.getName().equals(name))
            .findFirst()
            .orElseThrow();
    return CONTRACT.errors().raisedBy(method);
  }
}
