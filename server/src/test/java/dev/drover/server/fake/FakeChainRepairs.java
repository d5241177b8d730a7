package dev.drover.server.fake;

import dev.drover.spi.CallContext;
import dev.drover.spi.ChainRepairs;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;

/** Chains of a {@link FakeDriver}, which never differ. */
record FakeChainRepairs(FakeDriver driver) implements ChainRepairs {

  @Override
  public ChainVerification verify(CallContext call, VerifyChainRequest request) {
    driver.called("verify", call, request);
    return ChainVerification.getDefaultInstance();
  }

  @Override
  public RepairChainResponse repair(CallContext call, RepairChainRequest request) {
    driver.called("repair", call, request);
    return RepairChainResponse.getDefaultInstance();
  }
}
