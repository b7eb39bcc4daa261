/**
 * Three small contracts of our own that the deployed Aave markets are driven with: a token, a price feed, a reader of everything in one call.
 * The token takes every allowance as given and mints what a sender lacks: wallets are no part of what is compared.
 */
import { type Artifact, compile } from './compile.ts'

const SOURCE = `
// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

contract Coin {
  event Transfer(address indexed from, address indexed to, uint256 value);
  string public name;
  string public symbol;
  uint8 public decimals;
  mapping(address => uint256) public balanceOf;
  constructor(string memory _symbol, uint8 _decimals) { name = _symbol; symbol = _symbol; decimals = _decimals; }
  function totalSupply() external pure returns (uint256) { return type(uint128).max; }
  function allowance(address, address) external pure returns (uint256) { return type(uint256).max; }
  function approve(address, uint256) external pure returns (bool) { return true; }
  function mint(address to, uint256 amount) external { balanceOf[to] += amount; }
  function transfer(address to, uint256 amount) external returns (bool) { return move(msg.sender, to, amount); }
  function transferFrom(address from, address to, uint256 amount) external returns (bool) {
    if (from.code.length == 0 && balanceOf[from] < amount) balanceOf[from] = amount;
    return move(from, to, amount);
  }
  function move(address from, address to, uint256 amount) private returns (bool) {
    balanceOf[from] -= amount;
    balanceOf[to] += amount;
    emit Transfer(from, to, amount);
    return true;
  }
}

contract Feed {
  int256 public latestAnswer;
  constructor(int256 answer) { latestAnswer = answer; }
}

contract Reader {
  struct Question { address target; uint256 words; bytes data; }
  Question[] private questions;
  uint256 private total;
  function add(Question[] calldata more) external {
    for (uint256 i = 0; i < more.length; i++) {
      questions.push(more[i]);
      total += more[i].words * 32;
    }
  }
  function read() external view returns (bytes memory answers) {
    answers = new bytes(total);
    uint256 at;
    assembly { at := add(answers, 32) }
    for (uint256 i = 0; i < questions.length; i++) {
      address target = questions[i].target;
      bytes memory data = questions[i].data;
      uint256 size = questions[i].words * 32;
      assembly {
        if iszero(staticcall(gas(), target, add(data, 32), mload(data), at, size)) {
          for { let place := at } lt(place, add(at, size)) { place := add(place, 32) } { mstore(place, not(0)) }
        }
        at := add(at, size)
      }
    }
  }
}
`

/** The three, by name: `Coin`, `Feed`, `Reader`. */
export function props(): Promise<(name: string) => Artifact> {
  return compile({
    compiler: 'solc-0.8.27',
    entries: [],
    own: { 'breakwater/props.sol': SOURCE },
    settings: { optimizer: { enabled: true, runs: 10_000 }, evmVersion: 'paris' },
  })
}
