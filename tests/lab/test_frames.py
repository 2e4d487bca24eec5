# SPDX-License-Identifier: BSD-3-Clause
"""Checks the lab's parser and builder against frames of keepalived 2.2.7. Needs no root."""

import pytest

from harness import attacker, frames

pytestmark = pytest.mark.pure

ETHERNET = bytes.fromhex("01005e000012" "02000a630001" "0800")
# keepalived 2.2.7, key s3cr3t, its first advert. A lone IP packet: the capture's link header does not matter.
KEEPALIVED = bytes.fromhex(
    "45c0004000010000ff33d0530a630001e0000012" "700400000a63000100000001ebab815dd1ea68cb4294cf1e"
    "2133960102013c030a6300640000000000000000")
KEY = b"s3cr3t\0\0"


def test_keepalived_advert_is_read():
    advert = frames.parse(7, ETHERNET + KEEPALIVED)
    assert (advert.time, advert.source, advert.destination) == (7, "10.99.0.1", "224.0.0.18")
    assert (advert.source_mac, advert.tos, advert.ttl) == ("02:00:0a:63:00:01", 0xc0, 255)
    assert (advert.spi, advert.sequence) == (0x0a630001, 1)
    assert (advert.vrid, advert.priority, advert.auth_type, advert.interval) == (51, 150, 2, 1)
    assert advert.addresses == ("10.99.0.100",)


def test_keepalived_icv_is_verified_and_another_key_is_not():
    advert = frames.parse(0, ETHERNET + KEEPALIVED)
    assert frames.icv_is_good(advert, KEY)
    assert not frames.icv_is_good(advert, b"s3cr3u\0\0")


def test_padding_behind_the_packet_does_not_matter():
    assert frames.icv_is_good(frames.parse(0, ETHERNET + KEEPALIVED + bytes(6)), KEY)


def test_built_advert_is_keepalived_s_byte_for_byte():
    built = frames.build_advert(source_mac="02:00:0a:63:00:01", source="10.99.0.1", vrid=51, priority=150,
                                addresses=["10.99.0.100"], sequence=1, key=KEY)
    assert built == ETHERNET + KEEPALIVED


def test_every_truncation_is_nothing():
    whole = ETHERNET + KEEPALIVED
    assert all(frames.parse(0, whole[:length]) is None for length in range(len(whole)))


def test_gratuitous_arp_is_read():
    mac, address = bytes.fromhex("00005e000133"), bytes([10, 99, 0, 100])
    frame = b"\xff" * 6 + mac + bytes.fromhex("0806" "0001080006040001") + mac + address + b"\xff" * 6 + address
    arp = frames.parse(0, frame)
    assert arp.gratuitous and arp.operation == 1
    assert (arp.sender_mac, arp.sender, arp.destination_mac) == ("00:00:5e:00:01:33", "10.99.0.100", frames.BROADCAST)


def test_forged_adverts_are_well_formed_but_unsigned():
    for forged in attacker.bad_icv(50, source_mac="02:00:0a:63:00:09", source="10.99.0.1", vrid=51, priority=150,
                                   addresses=["10.99.0.100"], first_sequence=1000):
        assert not frames.icv_is_good(frames.parse(0, forged), KEY)
    assert frames.parse(0, forged).sequence == 1049
